package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.ternion.arch.SecurityGuide;
import dev.ternion.auth.Role;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every method that the server has, with every role, in the caller's project and in another, and without a token. What must come out stands
 * in the table of the security guide; a method that is missing there, or here, fails.
 */
class PermissionMatrixIT {
    private static final Set<Code> REFUSED = Set.of(Code.UNAUTHENTICATED, Code.PERMISSION_DENIED);
    private static final String OWN = "projects/default/";
    private static final String FOREIGN = "projects/other/";

    @TempDir
    private Path folder;

    private TestServer test;
    private final Map<String, MethodDescriptor<?, ?>> methods = new TreeMap<>();

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(folder, settings -> settings, new ServerAccess(null, new FixedTokens(), null, () -> 0));
        for (ServerServiceDefinition service : test.server.services()) {
            for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
                methods.put(method.getMethodDescriptor().getFullMethodName(), method.getMethodDescriptor());
            }
        }
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    @Test
    void theGuideNamesEveryMethodOnce() {
        assertThat(SecurityGuide.leastRoles().keySet()).containsExactlyInAnyOrderElementsOf(methods.keySet());
        assertThat(methods).hasSizeGreaterThanOrEqualTo(20);
    }

    @Test
    void everyMethodForEveryRoleAndProject() throws Exception {
        List<String> wrong = new ArrayList<>();
        int calls = 0;
        for (Map.Entry<String, String> row : SecurityGuide.leastRoles().entrySet()) {
            MethodDescriptor<?, ?> method = methods.get(row.getKey());
            boolean open = row.getValue().equals("none");
            boolean bound = AnyCall.namesAResource(method);
            for (Role role : Role.values()) {
                boolean mayCall =
                        open || role.includes(Role.valueOf(row.getValue().toUpperCase(java.util.Locale.ROOT)));
                for (String home : List.of("default", "other")) {
                    for (String resource : List.of(OWN, FOREIGN)) {
                        boolean atHome = resource.equals("projects/" + home + "/");
                        Code wanted = mayCall && (atHome || !bound) ? Code.OK : Code.PERMISSION_DENIED;
                        check(method, FixedTokens.token(role, home), resource, wanted, wrong);
                        calls++;
                    }
                }
            }
            check(method, null, OWN, open ? Code.OK : Code.UNAUTHENTICATED, wrong);
        }
        assertThat(wrong).isEmpty();
        assertThat(calls).isEqualTo(methods.size() * 16);
    }

    /** An empty parent means the default project: a token of another opens nothing by leaving it out. */
    @Test
    void noNameMeansTheDefaultProject() throws Exception {
        for (Map.Entry<String, MethodDescriptor<?, ?>> entry : methods.entrySet()) {
            if (AnyCall.namesAResource(entry.getValue())) {
                Message nameless = AnyCall.message(entry.getValue(), "");
                Channel other = as(FixedTokens.token(Role.ADMIN, "other"));
                assertThat(AnyCall.status(other, entry.getValue(), nameless).getCode())
                        .as(entry.getKey())
                        .isEqualTo(Code.PERMISSION_DENIED);
            }
        }
    }

    @Test
    void aMethodWithoutARuleIsDeniedToAdmins() {
        assertThat(Permissions.of("ternion.v1.JobService/Unknown")).isEmpty();
        assertThat(Permissions.of("")).isEmpty();
    }

    /** Whether it is allowed shows by its answer: whatever comes from behind the check, also that there is no such job. */
    private void check(MethodDescriptor<?, ?> method, String token, String resource, Code wanted, List<String> wrong)
            throws Exception {
        Message request = AnyCall.message(method, resource + "jobs/none-such");
        Status status = AnyCall.status(token == null ? test.channel : as(token), method, request);
        Code seen = REFUSED.contains(status.getCode()) ? status.getCode() : Code.OK;
        if (seen != wanted) {
            wrong.add(method.getFullMethodName() + " as " + token + " on " + resource + ": " + status + ", wanted "
                    + wanted);
        }
        if (status.getCode() == Code.PERMISSION_DENIED) {
            assertThat(status.getDescription()).doesNotContain("none-such", resource);
        }
    }

    private Channel as(String token) {
        return ClientInterceptors.intercept(test.channel, Bearer.of(token));
    }
}
