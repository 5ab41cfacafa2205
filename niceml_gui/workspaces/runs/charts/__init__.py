"""Charts of what runs measured: from numbers that only grow to pixels, with nothing sampled away.

```
 growing ─▶ series ─▶ smoothing, polyline ─▶ curve ─▶ picture ─▶ canvas ─▶ chart ─▶ pane
 arrays     points    a line of at most two points     what is    a widget  a card   all of them
            of one    per column of pixels             painted
            metric
```

Each curve belongs to a run and a `SeriesKey`, and is told from outside how it looks (`styles`), so that the same
charts show one run or many. Curves are painted by `picture` with Qt alone: eight charts take some 6 ms a frame, and
took 160 ms with the axes and items of pyqtgraph. Pictures for elsewhere are a `sheet`, with a `key` to the lines.
"""
