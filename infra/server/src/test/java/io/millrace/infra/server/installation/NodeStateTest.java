package io.millrace.infra.server.installation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.config.AccessFile;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is another now than it was. */
class NodeStateTest {

    @Test
    void tellsWhatWasAddedRemovedAndChanged() {
        assertEquals(
                Map.of("a", "removed: 1", "b", "changed: 2 -> 3", "d", "added: 4"),
                NodeState.changes(Map.of("a", "1", "b", "2", "c", "5"), Map.of("b", "3", "c", "5", "d", "4")));
        assertEquals(Map.of(), NodeState.changes(Map.of("a", "1"), Map.of("a", "1")));
    }

    @Test
    void tellsAllThatDecidesForWhomTokensStand() {
        String before = tokens("org_claim = \"org\"");

        assertTrue(before.contains("https://login.example"), before);
        for (String other : List.of(
                "org_claim = \"tenant\"",
                "org_claim = \"org\"\njwks_url = \"https://keys.example/jwks\"",
                "org_claim = \"org\"\nprincipal_claim = \"email\"",
                "org_claim = \"org\"\nrole_claim = \"groups\"")) {
            assertNotEquals(before, tokens(other), other);
        }
    }

    private static String tokens(String lines) {
        return NodeState.access(AccessFile.parse("""
                        [[orgs]]
                        id = "11111111-1111-4111-8111-111111111111"
                        slug = "alpha"

                        [auth.openid]
                        issuer = "https://login.example"
                        audience = "millrace"
                        roles = [{ value = "admins", role = "ADMIN" }]
                        """ + lines)).get("11111111-1111-4111-8111-111111111111 tokens");
    }
}
