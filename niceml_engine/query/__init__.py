"""The small language in which runs and experiments are looked for: `metric.val_loss < 0.3 and config.epochs >= 10`.

```
 query      = term { ["and"] term } , lower: { "or" … }        words beside each other must all hold
 term       = "not" term | "(" query ")" | comparison | "has" name | word
 comparison = name ("=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~") value | name "in" "[" value { "," value } "]"
```

`tokens` cuts a text into words with their places, `grammar` makes a frozen query of them, `subjects` says what a run
holds under a name, and `completion` what may follow. Nothing is evaluated but the comparisons above. Window and command
line share it.
"""
