package dev.ternion;

import java.util.ArrayList;
import java.util.List;

/** Names that try to lead out of a folder, to a file {@code secret.txt} beside it or to files of the system. */
public final class Traversals {
    private static final List<String> SHORT = List.of(
            "../secret.txt",
            "./../secret.txt",
            "..//secret.txt",
            "../../secret.txt",
            "a/../../secret.txt",
            "absent/../../secret.txt",
            "a/./../../secret.txt",
            "a/../../../../../../etc/passwd",
            "/../../etc/passwd",
            "..",
            "../",
            "../imports-too/secret.txt",
            "..\\secret.txt",
            "..\\..\\secret.txt",
            "a\\..\\..\\secret.txt",
            "..\\/secret.txt",
            "%2e%2e/secret.txt",
            "%2e%2e%2fsecret.txt",
            "%2E%2E%2Fsecret.txt",
            "..%2fsecret.txt",
            "..%5csecret.txt",
            "%252e%252e/secret.txt",
            "%252e%252e%252fsecret.txt",
            "..%255csecret.txt",
            "%25252e%25252e%25252fsecret.txt",
            "%c0%ae%c0%ae/secret.txt",
            "..%c0%afsecret.txt",
            "..%ef%bc%8fsecret.txt",
            "%u002e%u002e%u2215secret.txt",
            "..;/secret.txt",
            "....//secret.txt",
            "..../\\secret.txt",
            " ../secret.txt",
            "../secret.txt ",
            ".. /secret.txt",
            "../secret.txt\t",
            "../secret.txt\n",
            "\u0000../secret.txt",
            "..\u0000/secret.txt",
            "../secret.txt\u0000",
            "../secret.txt\u0000.onnx",
            "..\u2215secret.txt",
            "..\u2044secret.txt",
            "..\uff0fsecret.txt",
            "..\uff3csecret.txt",
            "\uff0e\uff0e/secret.txt",
            "\uff0e\uff0e\uff0fsecret.txt",
            "\u2024\u2024/secret.txt",
            "\u202e../secret.txt",
            "\ufeff../secret.txt",
            ".\u200d./secret.txt",
            "/etc/passwd",
            "//etc/passwd",
            "/etc/../etc/passwd",
            "/proc/self/environ",
            "/proc/self/root/etc/passwd",
            "/proc/self/cwd/pom.xml",
            "/proc/self/fd/0",
            "/dev/zero",
            "/dev/stdin",
            "/dev/fd/0",
            "file:///etc/passwd",
            "file:/etc/passwd",
            "FILE:../secret.txt",
            "http://169.254.169.254/latest/meta-data",
            "s3://bucket/key",
            "jar:file:/a.jar!/b",
            "~/secret.txt",
            "~root/.ssh/id_rsa",
            "$HOME/.ssh/id_rsa",
            "${HOME}/.ssh/id_rsa",
            "`id`",
            "|id",
            "C:\\Windows\\win.ini",
            "C:/Windows/win.ini",
            "C:secret.txt",
            "\\\\host\\share\\secret.txt",
            "//?/C:/secret.txt");

    private Traversals() {}

    /** All of them, a few longer than a file system takes. */
    public static List<String> names() {
        List<String> names = new ArrayList<>(SHORT);
        names.add("a".repeat(256));
        names.add("a/".repeat(3000) + "secret.txt");
        names.add("../".repeat(2000) + "etc/passwd");
        names.add("a/../".repeat(50) + "../secret.txt");
        names.add("\u00fc".repeat(128) + "/secret.txt");
        return names;
    }
}
