package dev.ternion.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** An issuer of JWTs on this machine. */
public final class FakeIssuer implements AutoCloseable {
    /** For whom its tokens are. */
    public static final String AUDIENCE = "ternion-test";

    private final HttpServer http;
    private final AtomicInteger fetches = new AtomicInteger();
    private volatile RSAKey key = newKey("one");
    private volatile int status = 200;

    /** Starts it. */
    public FakeIssuer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext(
                "/.well-known/openid-configuration",
                exchange -> answer(exchange, "{\"issuer\":\"" + url() + "\",\"jwks_uri\":\"" + url() + "/keys\"}"));
        http.createContext("/keys", exchange -> {
            fetches.incrementAndGet();
            answer(exchange, new JWKSet(List.of(key.toPublicJWK())).toString());
        });
        http.start();
    }

    private void answer(HttpExchange exchange, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Location", url() + "/keys");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** Its name. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    }

    /** Settings of a server that takes its tokens: group {@code ml} submits, group {@code root} does all, {@code sub} robot looks. */
    public String settings() {
        return "{\"issuer\":\"" + url() + "\",\"audience\":\"" + AUDIENCE + "\",\"roles\":["
                + "{\"claim\":\"groups\",\"value\":\"root\",\"role\":\"admin\"},"
                + "{\"claim\":\"groups\",\"value\":\"ml\",\"role\":\"submitter\",\"project\":\"default\"},"
                + "{\"claim\":\"sub\",\"value\":\"robot\",\"role\":\"viewer\",\"project\":\"default\"}]}";
    }

    /** Changes its key. */
    void rotate(String id) {
        key = newKey(id);
    }

    /** Answers so from now on. */
    void fail(int newStatus) {
        status = newStatus;
    }

    int fetches() {
        return fetches.get();
    }

    RSAKey key() {
        return key;
    }

    static RSAKey newKey(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).keyUse(KeyUse.SIGNATURE).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A token of group ml, good for an hour from {@code now}, but for the changes. */
    public String token(Instant now, Consumer<JWTClaimsSet.Builder> changes) throws JOSEException {
        return sign(key, JWSAlgorithm.RS256, claims(now, changes));
    }

    JWTClaimsSet claims(Instant now, Consumer<JWTClaimsSet.Builder> changes) {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issuer(url().toString())
                .audience(AUDIENCE)
                .subject("alice")
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(3600)))
                .claim("groups", List.of("staff", "ml"));
        changes.accept(claims);
        return claims.build();
    }

    static String sign(RSAKey key, JWSAlgorithm algorithm, JWTClaimsSet claims) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(algorithm)
                        .keyID(key.getKeyID())
                        .type(JOSEObjectType.JWT)
                        .build(),
                claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
