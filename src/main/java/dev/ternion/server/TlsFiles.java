package dev.ternion.server;

import java.nio.file.Path;

/**
 * What a server shows and asks for in TLS.
 *
 * @param certificate PEM: the server's certificate, then those up to its root, which may be left out
 * @param key PEM, PKCS #8, not encrypted: the key of the first certificate
 * @param clientCa PEM: roots of clients' certificates, which are then required; null for none
 */
public record TlsFiles(Path certificate, Path key, Path clientCa) {}
