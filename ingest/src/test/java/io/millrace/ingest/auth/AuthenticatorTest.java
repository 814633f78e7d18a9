package io.millrace.ingest.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.standin.MemoryDirectory;
import io.millrace.proto.v1.Principal;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorTest {

    private final Access access = AccessFile.parse(OpenDoor.TOML);

    /** @throws AuthenticationException as the answer says */
    private static Admission found(Authenticator by, String header, String peer, ClientCertificate certificate)
            throws AuthenticationException {
        CompletableFuture<Admission> asked =
                by.authenticate(header, peer, InetAddress.getLoopbackAddress(), certificate);
        assertTrue(asked.isDone(), "nothing is to be checked");
        if (asked.isCompletedExceptionally()) {
            throw (AuthenticationException) asked.exceptionNow();
        }
        return asked.resultNow();
    }

    @Test
    void knowsWhomAKeyStandsFor() throws AuthenticationException {
        Caller caller = found(OpenDoor.authenticator(access), "Bearer " + OpenDoor.USER_KEY, "10.0.0.1:5", null)
                .caller();

        assertEquals(OpenDoor.ALPHA, caller.orgId());
        assertEquals("alpha", caller.orgSlug());
        assertEquals("ann", caller.principal().getId());
        assertEquals("10.0.0.1:5", caller.peer());
        assertTrue(caller.principal().getCredential().matches("key-[0-9a-f]{12}"), caller.toString());
        assertFalse(caller.toString().contains("secret"), caller.toString());
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Basic sk-alpha-user-secret",
                "sk-alpha-user-secret",
                "Bearer sk-alpha-user-secre",
                "Bearer sk-alpha-user-secret2",
                "Bearer SK-ALPHA-USER-SECRET",
                "Bearer fwt_placeholder-550e8400-e29b-41d4-a716-446655440000"
            })
    void refusesAllElse(String header) {
        AuthenticationException error = assertThrows(
                AuthenticationException.class, () -> found(OpenDoor.authenticator(access), header, "peer", null));

        assertFalse(error.getMessage().contains("sk-"), error.getMessage());
    }

    @Test
    void takesEveryoneInWhereAuthenticationIsDisabled() throws AuthenticationException {
        Authenticator open =
                OpenDoor.authenticator(AccessFile.parse(OpenDoor.TOML.replace("enabled = true", "enabled = false")));

        Caller worker = found(open, "Bearer fwt_placeholder-550e8400-e29b-41d4-a716-446655440000", "peer", null)
                .caller();
        Caller client = found(open, "Bearer fct_placeholder-550e8400-e29b-41d4-a716-446655440000", "peer", null)
                .caller();
        Caller nobody = found(open, null, "peer", null).caller();
        Caller known = found(open, "Bearer " + OpenDoor.BETA_KEY, "peer", null).caller();

        assertEquals(OpenDoor.ALPHA, worker.orgId());
        assertEquals(Principal.Type.WORKER, worker.principal().getType());
        assertEquals(Principal.Type.USER, client.principal().getType());
        assertEquals(OpenDoor.ALPHA, nobody.orgId());
        assertEquals(OpenDoor.BETA, known.orgId());
    }

    @Test
    void aCertificateThatHasExpiredSinceItWasShownStandsForNobody() throws AuthenticationException {
        Access known = AccessFile.parse(OpenDoor.TOML + """

                [auth.client_certificates]
                principals = [
                  { name = "dns:billing", org_id = "%s", principal_type = "Worker", principal_id = "billing" },
                ]
                """.formatted(OpenDoor.ALPHA));
        AtomicLong now = new AtomicLong(1_000);
        Authenticator authenticator = new Authenticator(
                known,
                IssuedKeys.follow(known, CommandMacs.OFF, new MemoryDirectory(), InstantSource.system()),
                Optional.empty(),
                () -> Instant.ofEpochMilli(now.get()));
        ClientCertificate shown = new ClientCertificate(List.of("dns:billing"), "cert-0", 2_000);

        Admission admission = found(authenticator, null, "peer", shown);
        assertEquals("billing", admission.caller().principal().getId());
        assertEquals(Optional.empty(), admission.credential().over());

        now.set(2_000 + 59_999);
        assertEquals(
                "billing",
                found(authenticator, null, "peer", shown).caller().principal().getId(),
                "its client is being sent away, and may not have heard of it");

        now.set(2_000 + 60_000);
        assertTrue(admission.credential().over().orElseThrow().contains("has expired"));
        assertThrows(AuthenticationException.class, () -> found(authenticator, null, "peer", shown));
    }
}
