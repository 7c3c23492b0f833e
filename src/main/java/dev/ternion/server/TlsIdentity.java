package dev.ternion.server;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's certificate and key, as they are in their files: {@link #refresh} takes new ones over, for handshakes from then on. Files
 * that do not belong together, or cannot be read, change nothing but the log.
 */
public final class TlsIdentity extends X509ExtendedKeyManager {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);

    private final TlsFiles files;
    /** By alias; the last two, as a handshake asks for alias, chain and key one after the other. */
    private final Map<String, Pair> pairs = new ConcurrentHashMap<>();

    private volatile Pair current;
    private List<byte[]> seen = List.of();
    private int generation;

    /** A chain with its key. */
    private record Pair(String alias, X509Certificate[] chain, PrivateKey key) {
        @Override
        public String toString() {
            return alias;
        }
    }

    /** @throws IOException naming the file that is not what it should be */
    public TlsIdentity(TlsFiles files) throws IOException {
        this.files = files;
        take(contents());
        LOG.info("TLS certificate {}", describe());
    }

    TlsFiles files() {
        return files;
    }

    /** Reads the files; takes over what has changed. */
    public synchronized void refresh() {
        try {
            List<byte[]> now = contents();
            if (!Arrays.deepEquals(now.toArray(), seen.toArray())) {
                seen = now;
                take(now);
                LOG.info("new TLS certificate {}", describe());
            }
        } catch (IOException e) {
            LOG.warn("the TLS certificate stays {}: {}", describe(), e.getMessage());
        }
    }

    private List<byte[]> contents() throws IOException {
        return List.of(Files.readAllBytes(files.certificate()), Files.readAllBytes(files.key()));
    }

    private void take(List<byte[]> contents) throws IOException {
        X509Certificate[] chain = Pem.certificates(files.certificate()).toArray(X509Certificate[]::new);
        PrivateKey key = Pem.key(files.key(), chain[0].getPublicKey().getAlgorithm());
        requirePair(chain[0], key);
        Pair last = current;
        Pair next = new Pair("identity-" + ++generation, chain, key);
        pairs.put(next.alias, next);
        pairs.keySet().removeIf(alias -> !alias.equals(next.alias) && (last == null || !alias.equals(last.alias)));
        current = next;
        seen = contents;
    }

    private void requirePair(X509Certificate certificate, PrivateKey key) throws IOException {
        String name = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key.getAlgorithm();
        };
        byte[] text = {1, 2, 3};
        try {
            Signature signature = Signature.getInstance(name);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(text);
            if (signature.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(files.key() + " cannot be used with " + files.certificate() + ": " + e.getMessage());
        }
        throw new IOException(files.key() + " is not the key of the first certificate in " + files.certificate());
    }

    private String describe() {
        X509Certificate first = current.chain[0];
        return first.getSubjectX500Principal() + ", good until "
                + first.getNotAfter().toInstant();
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        Pair now = current;
        return now.key.getAlgorithm().equals(keyType) ? now.alias : null;
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        String alias = chooseEngineServerAlias(keyType, issuers, null);
        return alias == null ? null : new String[] {alias};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        Pair pair = pairs.get(alias);
        return pair == null ? null : pair.chain.clone();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        Pair pair = pairs.get(alias);
        return pair == null ? null : pair.key;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return null;
    }
}
