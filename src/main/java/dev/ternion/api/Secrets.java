package dev.ternion.api;

import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Keys and tokens by their shape. They have no place in what is stored and shown: a request that holds one is refused, and
 * answers and logs leave it out.
 */
public final class Secrets {
    /** What stands in its place. */
    public static final String REPLACEMENT = "[secret]";

    /**
     * Shapes of keys, and words such as {@code password=} with what follows. Repetitions are bounded, so that no text takes long.
     */
    private static final String SHAPES = String.join(
            "|",
            "\\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\\b",
            "\\bgh[pousr]_[A-Za-z0-9]{30,255}",
            "\\bgithub_pat_[A-Za-z0-9_]{22,255}",
            "\\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{20,255}",
            "\\bhf_[A-Za-z0-9]{30,255}",
            "\\bapi_org_[A-Za-z0-9]{30,255}",
            "\\bsk-[A-Za-z0-9_-]{20,255}",
            "\\b(?:gsk|r8|ternion|xai|nvapi|lin_api|npm|dckr_pat|shpat|shpss|shpca|sk_live|rk_live|sk_test|rk_test|whsec)[_-]"
                    + "[A-Za-z0-9_-]{16,255}",
            "\\bxox[abeprs]-[A-Za-z0-9-]{10,255}",
            "\\bxapp-[A-Za-z0-9-]{10,255}",
            "\\bAIza[A-Za-z0-9_-]{35}",
            "\\bya29\\.[A-Za-z0-9_-]{20,255}",
            "\\bGOCSPX-[A-Za-z0-9_-]{20,255}",
            "\\beyJ[A-Za-z0-9_-]{8,1000}\\.eyJ[A-Za-z0-9_-]{8,1000}\\.[A-Za-z0-9_-]{8,1000}",
            "-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----",
            "\\bpypi-[A-Za-z0-9_-]{40,255}",
            "\\bdo[opr]_v1_[0-9a-f]{64}",
            "\\bSG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,64}",
            "\\bSK[0-9a-f]{32}\\b",
            "\\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",
            "\\bdapi[0-9a-f]{32}\\b",
            "\\bhv[sbr]\\.[A-Za-z0-9_-]{20,255}",
            "\\bAGE-SECRET-KEY-1[0-9A-Z]{50,60}",
            "\\bdp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9]{40,50}",
            "\\b[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,40}",
            "(?i:\\b(?:bearer|basic) [A-Za-z0-9+/=._-]{16,1000})",
            "(?i:\\b(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|accountkey|client[_-]?secret|sig)"
                    + "[\"']? {0,3}[=:] {0,3}[\"']?[A-Za-z0-9+/=._~%-]{16,1000})",
            "(?<=://)[^/:@\\s]{1,100}:[^/@\\s]{1,200}(?=@)");

    /** Characters of a field that are looked at; no field may be longer. */
    private static final int LONGEST = 10_000;

    private static final Pattern PATTERN = Pattern.compile(SHAPES);

    private Secrets() {}

    /** A text without secrets. */
    public static String redact(String text) {
        return PATTERN.matcher(text).replaceAll(REPLACEMENT);
    }

    /** The fields of a message, at any depth, that hold a secret; what they hold is not repeated. */
    public static List<Violation> in(Message message) {
        List<Violation> found = new ArrayList<>();
        look(message, "", found);
        return found;
    }

    private static void look(Message message, String path, List<Violation> found) {
        message.getAllFields().forEach((field, value) -> {
            String name = path.isEmpty() ? field.getName() : path + "." + field.getName();
            List<?> values = field.isRepeated() ? (List<?>) value : List.of(value);
            for (Object one : values) {
                if (field.getJavaType() == JavaType.MESSAGE) {
                    look((Message) one, name, found);
                } else if (field.getJavaType() == JavaType.STRING && holds((String) one)) {
                    found.add(new Violation(
                            name,
                            "holds what looks like a key or token; it would be stored and shown. Take it out, and revoke it"
                                    + " if it was real"));
                }
            }
        });
    }

    private static boolean holds(String text) {
        return PATTERN.matcher(text.length() <= LONGEST ? text : text.substring(0, LONGEST))
                .find();
    }
}
