"""What a project is, read from its folders and from the text of its files: root, configs, scripts, environment."""
