import Testing

@testable import Py4J

@Suite struct ConversationTests {
    @Test func oneCommandAtATime() {
        var conversation = Conversation()
        #expect(conversation.isIdle && conversation.isListening)
        conversation.beginCommand()
        #expect(!conversation.isListening)
        #expect(!conversation.mayExecute)
        conversation.endCommand()
        #expect(conversation.isIdle)
    }

    @Test func callbacksAndCommandsNest() {
        var conversation = Conversation()
        conversation.beginCommand()
        #expect(conversation.mayCallBack)
        conversation.beginCallback()
        #expect(conversation.isListening && conversation.awaitsAnswer)
        #expect(!conversation.mayCallBack)
        conversation.beginCommand()
        #expect(!conversation.isListening)
        conversation.beginCallback()
        let inner = conversation.endCallback()
        #expect(inner)
        conversation.endCommand()
        let outer = conversation.endCallback()
        #expect(outer)
        conversation.endCommand()
        #expect(conversation.isIdle)
    }

    @Test func anAnswerWithoutACallbackIsNoticed() {
        var conversation = Conversation()
        let idle = conversation.endCallback()
        #expect(!idle)
        conversation.beginCommand()
        let executing = conversation.endCallback()
        #expect(!executing)
    }

    @Test func depthIsBounded() {
        var conversation = Conversation(maximumDepth: 4)
        for _ in 0..<2 {
            conversation.beginCommand()
            conversation.beginCallback()
        }
        #expect(!conversation.mayExecute)
    }

    @Test func aCallbackMayComeFirst() {
        var conversation = Conversation()
        conversation.beginCallback()
        #expect(conversation.mayExecute)
        let answered = conversation.endCallback()
        #expect(answered)
        #expect(conversation.isIdle)
    }
}

@Suite struct AuthTokenTests {
    @Test func comparesWholeTokens() {
        #expect(AuthToken.matches("secret", expected: "secret"))
        #expect(!AuthToken.matches("secreT", expected: "secret"))
        #expect(!AuthToken.matches("secre", expected: "secret"))
        #expect(!AuthToken.matches("secretsecret", expected: "secret"))
        #expect(!AuthToken.matches("", expected: "secret"))
        #expect(!AuthToken.matches("x", expected: ""))
        #expect(AuthToken.matches("", expected: ""))
    }
}
