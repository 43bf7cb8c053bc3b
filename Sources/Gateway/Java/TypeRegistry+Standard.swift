extension TypeRegistry {
    /// What the py4j client itself relies on, and what programs commonly use of `java.lang` and
    /// `java.util`.
    public static let standard: TypeRegistry = {
        var registry = TypeRegistry()
        JavaLang.register(in: &registry)
        JavaBoxes.register(in: &registry)
        JavaText.register(in: &registry)
        JavaSystem.register(in: &registry)
        JavaThrowables.register(in: &registry)
        registry.register(JavaCollections.iterable)
        registry.register(JavaCollections.collection)
        registry.register(JavaIterator.registration)
        JavaList.register(in: &registry)
        JavaSet.register(in: &registry)
        JavaMap.register(in: &registry)
        JavaUtilities.register(in: &registry)
        Py4JTypes.register(in: &registry)
        return registry
    }()
}
