GREETING = "from deep in a package"
