package dev.ternion.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in PEM. Messages name files, never what is in them. */
final class Pem {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private Pem() {}

    /** The certificates in a file, one at least. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        try {
            List<X509Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (found.isEmpty()) {
                throw new IOException(file + " holds no certificate; wanted PEM, BEGIN CERTIFICATE");
            }
            return found;
        } catch (CertificateException e) {
            throw new IOException(file + " holds no certificate that can be read; wanted PEM, BEGIN CERTIFICATE", e);
        }
    }

    /** The key in a file. */
    static PrivateKey key(Path file, String algorithm) throws IOException {
        Matcher found = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!found.find()) {
            throw new IOException(file + " holds no key; wanted PEM, BEGIN PRIVATE KEY (PKCS #8, not encrypted):"
                    + " openssl pkcs8 -topk8 -nocrypt makes one of others");
        }
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(found.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + " holds no " + algorithm + " key, as the certificate's is");
        }
    }
}
