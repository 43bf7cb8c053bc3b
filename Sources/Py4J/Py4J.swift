// Py4J
