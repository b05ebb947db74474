"""The validation ladder: what the model must reproduce, rung by rung, measured on the model itself."""
