package dev.ternion.auth;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whose JWTs are taken, and what they give. From a JSON file; SECURITY.md has an example.
 *
 * @param issuer claim {@code iss} of a good token; its keys are found below it (OpenID Connect Discovery 1.0, section 4)
 * @param audience must be in claim {@code aud} of a good token
 * @param jwksUri where the issuer's keys are; null: as the issuer's discovery document says
 * @param algorithms signatures that are taken
 * @param roles the first rule that a token meets gives its holder role and project
 */
public record OidcSettings(URI issuer, String audience, URI jwksUri, Set<String> algorithms, List<RoleRule> roles) {
    private static final int LARGEST_FILE = 64 * 1024;
    private static final int MOST_RULES = 1000;
    /** With a public key only: a token must not be good because it was signed with what everybody knows. */
    private static final Set<String> KNOWN =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    private static final Set<String> USUAL = Set.of("RS256", "PS256", "ES256");
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /**
     * A role for those whose token says something.
     *
     * @param claim name of a claim: a text, or a list of texts
     * @param value the text, or one of the list
     * @param role what they may do
     * @param project where, or {@link Principal#ALL_PROJECTS}
     */
    public record RoleRule(String claim, String value, Role role, String project) {
        @JsonCreator
        static RoleRule of(
                @JsonProperty("claim") String claim,
                @JsonProperty("value") String value,
                @JsonProperty("role") String role,
                @JsonProperty("project") String project) {
            require(claim != null && !claim.isEmpty(), "roles: a rule has no claim");
            require(value != null && !value.isEmpty(), "roles: the rule of claim " + claim + " has no value");
            require(role != null, "roles: the rule of claim " + claim + " has no role");
            try {
                return new RoleRule(
                        claim,
                        value,
                        Role.valueOf(role.toUpperCase(Locale.ROOT)),
                        project == null ? Principal.ALL_PROJECTS : project);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "roles: role is \"" + role + "\", wanted viewer, submitter, operator or admin");
            }
        }
    }

    @JsonCreator
    static OidcSettings of(
            @JsonProperty("issuer") URI issuer,
            @JsonProperty("audience") String audience,
            @JsonProperty("jwks_uri") URI jwksUri,
            @JsonProperty("algorithms") Set<String> algorithms,
            @JsonProperty("roles") List<RoleRule> roles) {
        requireSafe("issuer", issuer);
        require(
                audience != null && !audience.isEmpty(),
                "audience is missing: tokens for others must not be good here");
        if (jwksUri != null) {
            requireSafe("jwks_uri", jwksUri);
        }
        Set<String> taken = algorithms == null ? USUAL : algorithms;
        require(!taken.isEmpty() && KNOWN.containsAll(taken), "algorithms is " + taken + ", wanted some of " + KNOWN);
        require(roles != null && !roles.isEmpty(), "roles is missing: nobody would have one");
        require(roles.size() <= MOST_RULES, "roles has " + roles.size() + " rules, wanted at most " + MOST_RULES);
        return new OidcSettings(issuer, audience, jwksUri, Set.copyOf(taken), List.copyOf(roles));
    }

    /**
     * Reads a file.
     *
     * @throws IOException saying what is wrong with it
     */
    public static OidcSettings read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > LARGEST_FILE) {
            throw new IOException(file + " has " + size + " bytes, wanted at most " + LARGEST_FILE);
        }
        try {
            return JSON.readValue(Files.readAllBytes(file), OidcSettings.class);
        } catch (JsonProcessingException e) {
            String problem = e.getCause() instanceof IllegalArgumentException cause
                    ? cause.getMessage()
                    : e.getOriginalMessage();
            throw new IOException(file + " is no OIDC settings file: " + problem);
        }
    }

    private static void requireSafe(String name, URI uri) {
        require(
                uri != null && uri.getHost() != null,
                name + " is " + uri + ", wanted a URL such as https://id.example.com");
        boolean loopback = Set.of("localhost", "127.0.0.1", "[::1]").contains(uri.getHost());
        require(
                "https".equals(uri.getScheme()) || "http".equals(uri.getScheme()) && loopback,
                name + " is " + uri + ", wanted https; http only of this machine");
        require(uri.getUserInfo() == null, name + " holds a user name: leave credentials out of it");
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException(problem);
        }
    }
}
