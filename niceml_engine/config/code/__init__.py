"""What Python source tells of configs, read as text: targets, arguments, bounds, resolvers, what a start would run."""
