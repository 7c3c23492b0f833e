package dev.ternion.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that names an issuer: what is wrong with one is said. */
class OidcSettingsTest {
    private static final String RULE = "{\"claim\": \"groups\", \"value\": \"ml\", \"role\": \"submitter\"}";

    @TempDir
    Path folder;

    private OidcSettings read(String text) throws IOException {
        return OidcSettings.read(Files.writeString(folder.resolve("oidc.json"), text));
    }

    private static String with(String issuer, String more) {
        return "{\"issuer\": \"" + issuer + "\", \"audience\": \"ternion\"" + more + "}";
    }

    @Test
    void aGoodFileIsRead() throws IOException {
        OidcSettings settings = read(with("https://id.example.com/a", ", \"roles\": [" + RULE + "]"));
        assertThat(settings.issuer()).isEqualTo(URI.create("https://id.example.com/a"));
        assertThat(settings.jwksUri()).isNull();
        assertThat(settings.algorithms()).containsExactlyInAnyOrder("RS256", "PS256", "ES256");
        assertThat(settings.roles())
                .containsExactly(new OidcSettings.RoleRule("groups", "ml", Role.SUBMITTER, Principal.ALL_PROJECTS));
    }

    @Test
    void aBadOneIsRefusedWithAReason() {
        String roles = ", \"roles\": [" + RULE + "]";
        refused(with("http://id.example.com", roles), "issuer is http://id.example.com, wanted https");
        refused(with("https://me:secret@id.example.com", roles), "credentials");
        refused(with("file:///etc/passwd", roles), "wanted a URL");
        refused(with("https://id.example.com", roles + ", \"jwks_uri\": \"http://169.254.169.254/keys\""), "jwks_uri");
        refused(with("https://id.example.com", ""), "roles is missing");
        refused(with("https://id.example.com", ", \"roles\": []"), "roles is missing");
        refused(with("https://id.example.com", roles + ", \"algorithms\": [\"HS256\"]"), "algorithms is [HS256]");
        refused(with("https://id.example.com", roles + ", \"algorithms\": [\"none\"]"), "algorithms is [none]");
        refused(with("https://id.example.com", roles + ", \"audiences\": []"), "audiences");
        refused(with("https://id.example.com", roles + ", \"audience\": \"b\""), "audience");
        refused(with("https://id.example.com", ", \"roles\": [" + RULE.replace("submitter", "king") + "]"), "king");
        refused("{\"issuer\": \"https://id.example.com\"" + roles + "}", "audience is missing");
        refused("no json", "no OIDC settings file");
        refused(" ".repeat(64 * 1024) + "{}", "wanted at most 65536");
    }

    private void refused(String text, String reason) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class).hasMessageContaining(reason);
    }
}
