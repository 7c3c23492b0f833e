package dev.ternion.objects.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses of buckets: one scheme, no keys, nothing that a server may read in its own way. */
class BucketTest {
    @Test
    void whatAnOperatorWrites() {
        assertThat(Bucket.of("s3://models", "")).isEqualTo(new Bucket("models", "", Optional.empty()));
        assertThat(Bucket.of("s3://models/", "")).isEqualTo(new Bucket("models", "", Optional.empty()));
        assertThat(Bucket.of("s3://models/team-a/x/", "https://s3.example.org:9000"))
                .isEqualTo(new Bucket("models", "team-a/x/", Optional.of(URI.create("https://s3.example.org:9000"))));
        for (String local : new String[] {"http://127.0.0.1:9000", "http://localhost/", "http://[::1]:1"}) {
            assertThat(Bucket.of("s3://models", local).endpoint()).contains(URI.create(local));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "models",
                "s3:models",
                "s3:/models",
                "s3://",
                "s3://ab",
                "S3://models",
                "s3://Models",
                "s3://mod_els",
                "s3://key:secret@models",
                "s3://key@models",
                "s3://models?versionId=1",
                "s3://models#a",
                "s3://models/../a",
                "s3://models/%2e%2e/a",
                "s3://models//a",
                "s3://models/.a",
                "s3://models/A",
                "s3://models/a b",
                "s3://models:80/a",
                "s3://-models",
                "s3://models-",
                "s3://mod..els",
                "s3://169.254.169.254",
                "http://models",
                "file:///etc",
                "gs://models",
                "hf://models",
                "oci://models",
                "jar:s3://models!/a",
                " s3://models",
                "s3://models\n",
                "s3://models\0",
                "s3://m\u00f6dels"
            })
    void whatIsNoAddress(String address) {
        assertThatThrownBy(() -> Bucket.of(address, "")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://s3.example.org",
                "http://169.254.169.254",
                "http://10.0.0.1:9000",
                "http://127.0.0.1.example.org",
                "http://localhost@evil.example.org",
                "https://key:secret@s3.example.org",
                "https://s3.example.org/path",
                "https://s3.example.org?a=b",
                "https://s3.example.org#a",
                "https:///",
                "https:s3",
                "ftp://s3.example.org",
                "s3.example.org",
                "file:///etc/passwd",
                "https://s3 example.org",
                "//s3.example.org",
                "http://2130706433",
                "http://0x7f.1"
            })
    void whatIsNoEndpoint(String endpoint) {
        assertThatThrownBy(() -> Bucket.of("s3://models", endpoint))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
    }
}
