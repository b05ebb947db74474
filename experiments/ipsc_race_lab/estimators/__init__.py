"""Pure statistics: intervals, incidence, resampling."""
