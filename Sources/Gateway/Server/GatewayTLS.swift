import NIOSSL

/// TLS for the connections of a gateway, in terms of PEM files.
public struct GatewayTLS: Sendable {
    /// The oldest version that is accepted.
    public enum Version: Sendable { case tls12, tls13 }

    /// What this side presents; required where it listens.
    public var certificateFile: String?
    public var privateKeyFile: String?
    public var privateKeyPassword: String?
    /// Whom this side believes when it connects; nil means the system's authorities.
    public var trustedCertificatesFile: String?
    /// Whether the certificate of the other side must name the host that was connected to.
    public var verifiesHostname = true
    public var minimumVersion = Version.tls12

    /// - Parameter pem: One file with the certificate chain and the private key.
    public init(pem: String) {
        certificateFile = pem
        privateKeyFile = pem
    }

    public init(certificateFile: String, privateKeyFile: String) {
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
    }

    /// Trust without a certificate of one's own.
    public init(trustedCertificatesFile: String?) {
        self.trustedCertificatesFile = trustedCertificatesFile
    }

    func serverContext() throws -> NIOSSLContext {
        guard let certificateFile, let privateKeyFile else {
            throw GatewayTLSError.missingCertificate
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificateFile).map {
                .certificate($0)
            },
            privateKey: .privateKey(try privateKey(privateKeyFile)))
        configuration.minimumTLSVersion = version
        return try NIOSSLContext(configuration: configuration)
    }

    func clientContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let trustedCertificatesFile { configuration.trustRoots = .file(trustedCertificatesFile) }
        if !verifiesHostname { configuration.certificateVerification = .noHostnameVerification }
        configuration.minimumTLSVersion = version
        return try NIOSSLContext(configuration: configuration)
    }

    private func privateKey(_ file: String) throws -> NIOSSLPrivateKey {
        guard let privateKeyPassword else { return try NIOSSLPrivateKey(file: file, format: .pem) }
        return try NIOSSLPrivateKey(file: file, format: .pem) { provide in
            provide(privateKeyPassword.utf8)
        }
    }

    private var version: TLSVersion {
        switch minimumVersion {
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}

public enum GatewayTLSError: Error, CustomStringConvertible {
    case missingCertificate

    public var description: String {
        "A gateway that listens with TLS needs a certificate file and a private key file."
    }
}
