package io.millrace.ingest.config;

import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Who may come in: the organisations of this server and the keys to them. Immutable; holds digests of keys, never keys.
 *
 * @param organisations at least one; ids and slugs are unique
 * @param authRequired false: a call without a known key is taken for one of the first organisation
 * @param keys to them
 * @param certificates for whom clients with certificates stand; there is none of these and no key only if none is required
 * @param openId whose tokens let callers in as well, if anybody's do
 */
public record Access(
        List<Organisation> organisations,
        boolean authRequired,
        List<ApiKey> keys,
        List<CertificatePrincipal> certificates,
        Optional<OpenIdSettings> openId) {

    /** Organisation of the development default. */
    public static final UUID DEV_ORG = UUID.fromString("550e8400-e29b-41d4-a716-446655440000");

    /** Key of a user with the role ADMIN in the development default. No secret. */
    public static final String DEV_USER_KEY = "flovyn_sk_dev_admin";

    /** Key of a worker in the development default. No secret. */
    public static final String DEV_WORKER_KEY = "fwt_dev_worker";

    /** Copies the lists. */
    public Access {
        organisations = List.copyOf(organisations);
        keys = List.copyOf(keys);
        certificates = List.copyOf(certificates);
    }

    /** @return one organisation with one user key and one worker key, for a server that nobody has configured */
    public static Access development() {
        return new Access(
                List.of(new Organisation(DEV_ORG, "Development", "dev", "FREE")),
                true,
                List.of(
                        new ApiKey(
                                KeyDigest.of(DEV_USER_KEY),
                                DEV_ORG,
                                Principal.newBuilder()
                                        .setType(Principal.Type.USER)
                                        .setId("dev-admin")
                                        .setRole("ADMIN")
                                        .build(),
                                Scope.WHOLE),
                        new ApiKey(
                                KeyDigest.of(DEV_WORKER_KEY),
                                DEV_ORG,
                                Principal.newBuilder()
                                        .setType(Principal.Type.WORKER)
                                        .setId("dev-worker")
                                        .setRole("WORKER")
                                        .build(),
                                Scope.WHOLE)),
                List.of(),
                Optional.empty());
    }

    /** @return the organisation of that id */
    public Optional<Organisation> organisation(UUID id) {
        return organisations.stream().filter(org -> org.id().equals(id)).findFirst();
    }
}
