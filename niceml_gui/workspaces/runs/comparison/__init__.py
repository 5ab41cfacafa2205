"""Runs beside each other: which, in what colours, how their configs differ, and as table, axes and points.

`chosen` holds which runs are compared and tells everybody. The same names that queries are made of (`metric.val_loss`,
`config.train_params.epochs`) are the columns of the table and the axes of the parallel coordinates and of the scatter
plot.
"""
