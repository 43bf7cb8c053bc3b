import State
import Testing

@Test("An error is its sentence")
func stateErrorText() {
    #expect(String(describing: StateError("no state `a`")) == "no state `a`")
}
