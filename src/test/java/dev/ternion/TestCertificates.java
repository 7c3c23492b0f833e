package dev.ternion;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A root and certificates that it signs, made by the JDK's keytool; in PEM. */
public final class TestCertificates {
    private static final String PASSWORD = "only-for-this-test";

    private final Path folder;
    private final Path store;

    /** A certificate and its key. */
    public record Pair(Path certificate, Path key) {}

    public TestCertificates(Path folder) throws Exception {
        this.folder = Files.createDirectories(folder);
        this.store = folder.resolve("store.p12");
        make("ca", "bc:c", null, "EC");
    }

    /** The root. */
    public Path ca() throws IOException, GeneralSecurityException {
        return write("ca.pem", "CERTIFICATE", open().getCertificate("ca"));
    }

    /** A new one for a server on loopback. */
    public Pair server(String name, String algorithm) throws Exception {
        return signed(name, "san=ip:127.0.0.1,dns:localhost", algorithm);
    }

    /** A new one for a client. */
    public Pair client(String name) throws Exception {
        return signed(name, "eku=clientAuth", "EC");
    }

    private Pair signed(String name, String extension, String algorithm) throws Exception {
        make(name, extension, "ca", algorithm);
        Certificate certificate = open().getCertificate(name);
        byte[] key = open().getKey(name, PASSWORD.toCharArray()).getEncoded();
        return new Pair(write(name + ".pem", "CERTIFICATE", certificate), write(name + ".key.pem", "PRIVATE KEY", key));
    }

    private void make(String name, String extension, String signer, String algorithm) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                algorithm,
                "-ext",
                extension,
                "-validity",
                "30",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-storetype",
                "PKCS12"));
        if (signer != null) {
            command.addAll(List.of("-signer", signer));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(said);
        }
    }

    private KeyStore open() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private Path write(String name, String kind, Certificate certificate) throws IOException, GeneralSecurityException {
        return write(name, kind, certificate.getEncoded());
    }

    private Path write(String name, String kind, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(
                folder.resolve(name), "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }
}
