package dev.ternion.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import dev.ternion.auth.Unauthenticated.Reason;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Callers by JWTs of one issuer (RFC 7519; OpenID Connect Core 1.0): signed with one of its keys, by an algorithm that is allowed, for this
 * server, by this issuer, not expired. Looks in memory only.
 */
public final class OidcAuthenticator implements Authenticator {
    /** How far the issuer's clock may be from this one. */
    static final Duration SKEW = Duration.ofSeconds(60);

    private static final String PREFIX = "oidc:";
    private static final int LONGEST = 6 * 1024;
    private static final int LONGEST_SUBJECT = 255;

    private final OidcSettings settings;
    private final OidcKeys keys;
    private final Clock clock;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    /** @param clock tells what has expired */
    public OidcAuthenticator(OidcSettings settings, OidcKeys keys, Clock clock) {
        this.settings = settings;
        this.keys = keys;
        this.clock = clock;
        Set<JWSAlgorithm> algorithms =
                settings.algorithms().stream().map(JWSAlgorithm::parse).collect(Collectors.toUnmodifiableSet());
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        processor.setJWSKeySelector(
                new JWSVerificationKeySelector<>(algorithms, (selector, context) -> selector.select(keys.current())));
        JWTClaimsSet exact =
                new JWTClaimsSet.Builder().issuer(settings.issuer().toString()).build();
        DefaultJWTClaimsVerifier<SecurityContext> claims =
                new DefaultJWTClaimsVerifier<>(settings.audience(), exact, Set.of("sub", "exp")) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(clock.instant());
                    }
                };
        claims.setMaxClockSkew((int) SKEW.toSeconds());
        processor.setJWTClaimsSetVerifier(claims);
    }

    @Override
    public Principal authenticate(String bearer) throws Unauthenticated {
        if (bearer.length() > LONGEST) {
            throw new Unauthenticated(Reason.TOKEN_INVALID);
        }
        JWTClaimsSet claims = verified(bearer);
        String subject = claims.getSubject();
        if (subject.isEmpty()
                || subject.length() > LONGEST_SUBJECT
                || !subject.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new Unauthenticated(Reason.TOKEN_INVALID);
        }
        for (OidcSettings.RoleRule rule : settings.roles()) {
            if (says(claims, rule)) {
                return new Principal(
                        PREFIX + subject,
                        rule.role(),
                        rule.project(),
                        claims.getExpirationTime().toInstant().plus(SKEW));
            }
        }
        throw new Unauthenticated(Reason.TOKEN_WITHOUT_ROLE);
    }

    private JWTClaimsSet verified(String bearer) throws Unauthenticated {
        try {
            SignedJWT token = SignedJWT.parse(bearer);
            String key = token.getHeader().getKeyID();
            if (key != null && keys.current().getKeyByKeyId(key) == null) {
                keys.missed();
            }
            return processor.process(token, null);
        } catch (ExpiredJWTException e) {
            throw new Unauthenticated(Reason.TOKEN_EXPIRED);
        } catch (ParseException | BadJOSEException | JOSEException | RuntimeException e) {
            throw new Unauthenticated(Reason.TOKEN_INVALID);
        }
    }

    private static boolean says(JWTClaimsSet claims, OidcSettings.RoleRule rule) {
        Object claim = claims.getClaim(rule.claim());
        return rule.value().equals(claim) || claim instanceof List<?> list && list.contains(rule.value());
    }

    /** Whether it is one of those that this class tells, and not expired. */
    @Override
    public boolean isValid(Principal principal) {
        return isOne(principal) && clock.instant().isBefore(principal.until());
    }

    static boolean isOne(Principal principal) {
        return principal.id().startsWith(PREFIX);
    }
}
