import Testing

@testable import Gateway

/// `java.util` without a socket.
@Suite struct CollectionTests {
    @Test func listsKeepOrderAndCheckIndices() throws {
        let list = JavaList([.int32(3), .int32(1)])
        #expect(try list.add(.int32(2)))
        try list.sort()
        #expect(list.gatewayDescription == "[1, 2, 3]")
        #expect(throws: JavaThrowable.self) { try list.element(at: 3) }
        #expect(throws: JavaThrowable.self) { try list.element(at: -1) }
        #expect(throws: JavaThrowable.self) { try list.insert([.null], at: 4) }
        #expect(try list.remove(.int32(2)))
        #expect(try !list.remove(.int64(1)))
        #expect(list.elements == [.int32(1), .int32(3)])
    }

    @Test func mapsRememberInsertionUnlessSorted() throws {
        for (name, expected) in [
            (JavaMap.gatewayName, "{b=1, a=2, c=3}"), (JavaMap.sortedName, "{a=2, b=1, c=3}"),
        ] {
            let map = JavaMap(typeName: name)
            for (index, key) in ["b", "a", "c"].enumerated() {
                #expect(try map.put(.string(key), .int32(Int32(index + 1))) == nil)
            }
            #expect(map.gatewayDescription == expected)
            #expect(try map.remove(.string("a")) == .int32(2))
            #expect(map.count == 2)
        }
    }

    @Test func removalsLeaveNothingBehind() throws {
        let map = JavaMap()
        for round in 0..<5 {
            for key in 0..<1000 { _ = try map.put(.int32(Int32(key)), .int32(Int32(round))) }
            for key in 0..<990 { _ = try map.remove(.int32(Int32(key))) }
        }
        #expect(map.count == 10)
        #expect(map.entries.map(\.key) == (990..<1000).map { .int32(Int32($0)) })
    }

    @Test func equalityIsJavas() {
        #expect(GatewayValue.int32(1) != .int64(1))
        #expect(GatewayValue.double(.nan) == .double(.nan))
        #expect(GatewayValue.double(0) != .double(-0.0))
        let list = { JavaList([.string("a"), .object(JavaList([.null]))]) }
        #expect(GatewayValue.object(list()) == .object(list()))
        #expect(list().gatewayHashCode == list().gatewayHashCode)
        let set = JavaSet([.int32(1), .int32(2)])
        #expect(set.gatewayEquals(.object(JavaSet([.int32(2), .int32(1)]))))
        #expect(!set.gatewayEquals(.object(JavaList([.int32(1), .int32(2)]))))
        #expect(GatewayValue.string("hello").javaHashCode == 99_162_322)
    }

    @Test func collectionsAreKeysByTheirContent() throws {
        let map = JavaMap()
        _ = try map.put(.object(JavaList([.int32(1)])), .string("one"))
        #expect(map.value(for: .object(JavaList([.int32(1)]))) == .string("one"))
        #expect(map.value(for: .object(JavaList([.int32(2)]))) == nil)
    }

    @Test func iteratorsNoticeChanges() throws {
        let list = JavaList([.int32(1), .int32(2), .int32(3)])
        let iterator = list.makeIterator()
        #expect(try iterator.next() == .int32(1))
        try iterator.remove()
        #expect(list.elements == [.int32(2), .int32(3)])
        #expect(try iterator.next() == .int32(2))
        _ = try list.add(.int32(4))
        #expect(throws: JavaThrowable.self) { try iterator.next() }
        #expect(throws: JavaThrowable.self) { try JavaSet().makeIterator().next() }
        #expect(throws: JavaThrowable.self) { try list.makeIterator().remove() }
    }

    @Test func viewsWriteThrough() throws {
        let map = JavaMap([
            (key: .string("a"), value: .int32(1)), (key: .string("b"), value: .int32(1)),
        ])
        let keys = JavaMapView(map, .keys)
        let values = JavaMapView(map, .values)
        #expect(keys.gatewayDescription == "[a, b]")
        let iterator = values.makeIterator()
        _ = try iterator.next()
        _ = try iterator.next()
        try iterator.remove()
        #expect(map.gatewayDescription == "{a=1}")
        #expect(try keys.remove(.string("a")))
        #expect(map.count == 0)
        #expect(throws: JavaThrowable.self) { try keys.add(.string("c")) }
    }

    @Test func sortingNeedsAnOrder() throws {
        #expect(throws: JavaThrowable.self) { try JavaList([.int32(1), .string("a")]).sort() }
        #expect(throws: JavaThrowable.self) { try JavaList([.int32(1), .null]).sort() }
        let decimals = JavaList([.decimal("10"), .decimal("9.5"), .decimal("-3")])
        try decimals.sort()
        #expect(decimals.gatewayDescription == "[-3, 9.5, 10]")
        let doubles = JavaList([.double(.nan), .double(0), .double(-0.0), .double(-1)])
        try doubles.sort()
        #expect(doubles.gatewayDescription == "[-1.0, -0.0, 0.0, NaN]")
    }

    @Test func unmodifiableCollectionsStayAsTheyAre() {
        let list = JavaList([.null], isMutable: false)
        #expect(throws: JavaThrowable.self) { try list.add(.null) }
        #expect(throws: JavaThrowable.self) { try list.removeAll() }
        #expect(throws: JavaThrowable.self) { try JavaMap(isMutable: false).put(.null, .null) }
        #expect(throws: JavaThrowable.self) { try JavaSet(isMutable: false).add(.null) }
    }

    @Test(arguments: [
        ("1", "2", "3"), ("-14.456", "1", "-13.456"), ("0.1", "0.2", "0.3"),
        ("999.99", "0.01", "1000.00"), ("-5", "5", "0"), ("1.50", "-0.5", "1.00"),
    ])
    func decimalsAddExactly(_ left: String, _ right: String, _ sum: String) {
        #expect(DecimalMath.add(left, right) == sum)
        #expect(DecimalMath.add(right, left) == sum)
    }
}
