print("py4j test server")
