package dev.ternion.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Keys and tokens, made up, and put together so that no scanner takes this file for a leak. */
public final class SecretShapes {
    private static final String WORD = "Zq3x".repeat(10);
    private static final String HEX = "0a9f".repeat(16);

    private SecretShapes() {}

    /** One of each kind. */
    public static List<String> all() {
        return List.of(
                "AKIA" + "Q3X7".repeat(4),
                "ASIA" + "Q3X7".repeat(4),
                "ghp_" + WORD,
                "gho_" + WORD,
                "ghs_" + WORD,
                "github_pat_" + WORD,
                "glpat-" + WORD,
                "hf_" + WORD,
                "sk-" + WORD,
                "sk-proj-" + WORD,
                "sk-ant-api03-" + WORD,
                "gsk_" + WORD,
                "r8_" + WORD,
                "ternion_" + WORD,
                "nvapi-" + WORD,
                "npm_" + WORD,
                "sk_live_" + WORD,
                "xoxb-" + WORD,
                "xapp-" + WORD,
                "AIza" + WORD.substring(0, 35),
                "ya29." + WORD,
                "eyJ" + WORD + ".eyJ" + WORD + "." + WORD,
                "-----BEGIN RSA PRIVATE " + "KEY-----",
                "pypi-" + WORD + WORD,
                "dop_v1_" + HEX,
                "SG." + WORD.substring(0, 22) + "." + WORD,
                "SK" + HEX.substring(0, 32),
                "123456789:AA" + WORD.substring(0, 33),
                "dapi" + HEX.substring(0, 32),
                "hvs." + WORD,
                "AGE-SECRET-KEY-1" + "Q3X7".repeat(14),
                "Authorization: Bearer " + WORD,
                "password=" + WORD,
                "api_key: \"" + WORD + "\"",
                "AccountKey=" + WORD + "==",
                "postgres://user:" + WORD + "@host/db");
    }

    /** Whether a text has something in the place of the token. */
    public static void assertGone(String text, String token) {
        String secret = token.startsWith("-----") ? token : token.substring(token.length() - 14, token.length() - 8);
        assertThat(text).contains(Secrets.REPLACEMENT).doesNotContain(secret);
    }
}
