package dev.ternion.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.ternion.auth.Unauthenticated.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JWTs of an issuer: good ones give a role, and no other is taken. */
class OidcAuthenticatorTest {
    private static final Instant NOW = Instant.parse("2026-11-28T04:00:00Z");
    private static final Consumer<JWTClaimsSet.Builder> AS_IT_IS = claims -> {};

    @TempDir
    Path folder;

    private final AtomicLong nanos = new AtomicLong(7);
    private FakeIssuer issuer;
    private OidcKeys keys;
    private OidcSettings settings;
    private OidcAuthenticator oidc;

    @BeforeEach
    void start() throws Exception {
        issuer = new FakeIssuer();
        Path file = Files.writeString(folder.resolve("oidc.json"), issuer.settings());
        settings = OidcSettings.read(file);
        keys = new OidcKeys(settings, nanos::get);
        oidc = at(NOW);
        keys.refresh();
    }

    @AfterEach
    void stop() {
        issuer.close();
    }

    private OidcAuthenticator at(Instant time) {
        return new OidcAuthenticator(settings, keys, Clock.fixed(time, ZoneOffset.UTC));
    }

    private Reason refused(OidcAuthenticator by, String token) {
        return catchThrowableOfType(Unauthenticated.class, () -> by.authenticate(token))
                .reason();
    }

    @Test
    void whatATokenSaysGivesItsHolderARole() throws Exception {
        Principal alice = oidc.authenticate(issuer.token(NOW, AS_IT_IS));
        assertThat(alice.id()).isEqualTo("oidc:alice");
        assertThat(alice.role()).isEqualTo(Role.SUBMITTER);
        assertThat(alice.project()).isEqualTo("default");
        Principal root = oidc.authenticate(issuer.token(NOW, claims -> claims.claim("groups", List.of("ml", "root"))));
        assertThat(root.role()).as("the first rule counts").isEqualTo(Role.ADMIN);
        assertThat(root.project()).isEqualTo(Principal.ALL_PROJECTS);
        Principal robot = oidc.authenticate(
                issuer.token(NOW, claims -> claims.claim("groups", null).subject("robot")));
        assertThat(robot.role()).isEqualTo(Role.VIEWER);
        assertThat(oidc.authenticate(
                                issuer.token(NOW, claims -> claims.audience(List.of("other", FakeIssuer.AUDIENCE))))
                        .role())
                .isEqualTo(Role.SUBMITTER);
    }

    @Test
    void aGoodTokenThatSaysNothingOfARoleGivesNone() throws Exception {
        for (Object groups :
                new Object[] {List.of("staff"), "m", List.of(), 7, Map.of("ml", 1), List.of(List.of("ml"))}) {
            assertThat(refused(oidc, issuer.token(NOW, claims -> claims.claim("groups", groups))))
                    .as("%s", groups)
                    .isEqualTo(Reason.TOKEN_WITHOUT_ROLE);
        }
    }

    /** S-3. */
    @Test
    void badTokensAreRefused() throws Exception {
        RSAKey key = issuer.key();
        RSAKey stranger = FakeIssuer.newKey(key.getKeyID());
        JWTClaimsSet good = issuer.claims(NOW, AS_IT_IS);
        String token = issuer.token(NOW, AS_IT_IS);
        String[] parts = token.split("\\.");
        Map<String, String> bad = new LinkedHashMap<>();
        bad.put("nothing", "");
        bad.put("no token", "abc");
        bad.put("dots", "..");
        bad.put("without signature", parts[0] + "." + parts[1] + ".");
        bad.put("unsigned", new PlainJWT(good).serialize());
        bad.put("alg none with signature", b64("{\"alg\":\"none\"}") + "." + parts[1] + "." + parts[2]);
        bad.put("two parts", parts[0] + "." + parts[1]);
        bad.put("four parts", token + ".x");
        bad.put("changed claims", parts[0] + "." + b64(good.toString().replace("alice", "bob")) + "." + parts[2]);
        bad.put("changed signature", parts[0] + "." + parts[1] + "." + flipped(parts[2]));
        bad.put("key of a stranger under this id", FakeIssuer.sign(stranger, JWSAlgorithm.RS256, good));
        bad.put("unknown key", FakeIssuer.sign(FakeIssuer.newKey("two"), JWSAlgorithm.RS256, good));
        bad.put("algorithm that is not allowed", FakeIssuer.sign(key, JWSAlgorithm.RS512, good));
        bad.put("HMAC with the public key", hmac(key, good));
        bad.put("key in its own header", ownKey(stranger, good));
        bad.put("critical header", critical(key, good));
        bad.put("other type", typed(key, good, "secevent+jwt"));
        bad.put("other issuer", issuer.token(NOW, claims -> claims.issuer("https://other.example")));
        bad.put("no issuer", issuer.token(NOW, claims -> claims.issuer(null)));
        bad.put("other audience", issuer.token(NOW, claims -> claims.audience("other")));
        bad.put("no audience", issuer.token(NOW, claims -> claims.audience((String) null)));
        bad.put("never expires", issuer.token(NOW, claims -> claims.expirationTime(null)));
        bad.put("not yet", issuer.token(NOW, claims -> claims.notBeforeTime(Date.from(NOW.plusSeconds(120)))));
        bad.put("no subject", issuer.token(NOW, claims -> claims.subject(null)));
        bad.put("subject with a new line", issuer.token(NOW, claims -> claims.subject("a\nb")));
        bad.put("long subject", issuer.token(NOW, claims -> claims.subject("a".repeat(256))));
        bad.put("long", issuer.token(NOW, claims -> claims.claim("filler", "x".repeat(6 * 1024))));
        bad.put("token of ours", "ternion_" + "a".repeat(43));
        assertThat(oidc.authenticate(token).id()).isEqualTo("oidc:alice");
        bad.forEach((what, text) -> assertThat(refused(oidc, text)).as(what).isEqualTo(Reason.TOKEN_INVALID));
        assertThat(bad).hasSizeGreaterThanOrEqualTo(20);
    }

    private static String b64(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static String flipped(String signature) {
        byte[] bytes = Base64.getUrlDecoder().decode(signature);
        bytes[bytes.length / 2] ^= 1;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String hmac(RSAKey key, JWTClaimsSet claims) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.getKeyID()).build(), claims);
        token.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
        return token.serialize();
    }

    private static String ownKey(RSAKey key, JWTClaimsSet claims) throws JOSEException {
        return signed(key, claims, new JWSHeader.Builder(JWSAlgorithm.RS256).jwk(key.toPublicJWK()));
    }

    private static String critical(RSAKey key, JWTClaimsSet claims) throws JOSEException {
        return signed(
                key,
                claims,
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID(key.getKeyID())
                        .criticalParams(java.util.Set.of("b"))
                        .customParam("b", 1));
    }

    private static String typed(RSAKey key, JWTClaimsSet claims, String type) throws JOSEException {
        return signed(
                key,
                claims,
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).type(new JOSEObjectType(type)));
    }

    private static String signed(RSAKey key, JWTClaimsSet claims, JWSHeader.Builder header) throws JOSEException {
        SignedJWT token = new SignedJWT(header.build(), claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    @Test
    void anAccessTokenIsTaken() throws Exception {
        assertThat(oidc.authenticate(typed(issuer.key(), issuer.claims(NOW, AS_IT_IS), "at+jwt"))
                        .id())
                .isEqualTo("oidc:alice");
    }

    @Test
    void aTokenIsGoodUntilItExpires() throws Exception {
        String token = issuer.token(NOW, AS_IT_IS);
        Principal alice = oidc.authenticate(token);
        OidcAuthenticator late =
                at(NOW.plusSeconds(3600).plus(OidcAuthenticator.SKEW).minusSeconds(1));
        OidcAuthenticator over =
                at(NOW.plusSeconds(3600).plus(OidcAuthenticator.SKEW).plusSeconds(1));
        assertThat(late.authenticate(token)).isEqualTo(alice);
        assertThat(late.isValid(alice)).isTrue();
        assertThat(refused(over, token)).isEqualTo(Reason.TOKEN_EXPIRED);
        assertThat(over.isValid(alice)).isFalse();
        assertThat(late.isValid(new Principal("token:x", Role.ADMIN, "default")))
                .isFalse();
    }

    @Test
    void aNewKeyIsFetchedSoonAndNotMoreOftenThanMayBe() throws Exception {
        issuer.rotate("two");
        String token = issuer.token(NOW, AS_IT_IS);
        nanos.addAndGet(OidcKeys.PAUSE.toNanos() + 1);
        keys.refresh();
        assertThat(issuer.fetches()).as("what is fresh is not fetched again").isEqualTo(1);
        assertThat(refused(oidc, token)).isEqualTo(Reason.TOKEN_INVALID);
        keys.refresh();
        assertThat(oidc.authenticate(token).id()).isEqualTo("oidc:alice");
        String unknown = FakeIssuer.sign(FakeIssuer.newKey("three"), JWSAlgorithm.RS256, issuer.claims(NOW, AS_IT_IS));
        for (int i = 0; i < 100; i++) {
            assertThat(refused(oidc, unknown)).isEqualTo(Reason.TOKEN_INVALID);
            keys.refresh();
        }
        assertThat(issuer.fetches()).as("however many tokens name unknown keys").isEqualTo(2);
        nanos.addAndGet(OidcKeys.FRESH.toNanos() + 1);
        keys.refresh();
        assertThat(issuer.fetches()).isEqualTo(3);
    }

    @Test
    void keysOutliveAnIssuerThatIsAway_forADay() throws Exception {
        String token = issuer.token(NOW, AS_IT_IS);
        for (int status : new int[] {500, 302}) {
            issuer.fail(status);
            nanos.addAndGet(Duration.ofHours(1).toNanos());
            keys.refresh();
            assertThat(oidc.authenticate(token).id()).as("status %d", status).isEqualTo("oidc:alice");
        }
        nanos.addAndGet(OidcKeys.GOOD.toNanos());
        keys.refresh();
        assertThat(refused(oidc, token)).isEqualTo(Reason.TOKEN_INVALID);
        issuer.fail(200);
        nanos.addAndGet(OidcKeys.PAUSE.toNanos());
        keys.refresh();
        assertThat(oidc.authenticate(token).id()).isEqualTo("oidc:alice");
    }
}
