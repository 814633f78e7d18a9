package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.directory.PartitionHolder;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.PartitionTenure;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who shows a key, and which nodes serve what. */
class ConsoleRoutesTest {

    private static JsonNode me(OpenDoor door, String key) throws Exception {
        HttpResponse<String> response =
                door.send(door.request("GET", "/api/me", null).header("Authorization", "Bearer " + key));
        ApiDocument.check(response);
        assertEquals(200, response.statusCode(), response.body());
        return new ObjectMapper().readTree(response.body());
    }

    private static List<String> rights(JsonNode me) {
        List<String> rights = new ArrayList<>();
        me.get("rights").forEach(right -> rights.add(right.asText()));
        return rights;
    }

    @Test
    void aKeyIsToldWhoseItIsAndWhatItMay() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            JsonNode admin = me(door, OpenDoor.USER_KEY);

            assertEquals("alpha", admin.at("/organisation/slug").asText());
            assertEquals(OpenDoor.ALPHA.toString(), admin.at("/organisation/id").asText());
            assertEquals("ann", admin.get("principal").asText());
            assertEquals("ADMIN", admin.get("role").asText());
            assertEquals(List.of("READ", "LIST", "AUDIT", "START", "CANCEL", "ERASE", "KEYS", "WORK"), rights(admin));
            assertEquals(List.of("READ", "LIST", "START"), rights(me(door, OpenDoor.MEMBER_KEY)));
            assertEquals(
                    "beta", me(door, OpenDoor.BETA_KEY).at("/organisation/slug").asText());
            assertEquals(401, door.send(door.request("GET", "/api/me", null)).statusCode());
        }
    }

    @Test
    void everyPartitionIsToldWithWhoHasIt() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            DispatcherNode node = DispatcherNode.newBuilder()
                    .setNode("node-7")
                    .setHost("10.0.0.7")
                    .setPort(9091)
                    .setKnownRules(3)
                    .setSinceMs(1_000)
                    .build();
            door.directory.holders.put(0, new PartitionHolder(node, PartitionTenure.Stage.OWNING, 5));

            HttpResponse<String> response = door.http("GET", "/api/orgs/alpha/system", null);

            ApiDocument.check(response);
            JsonNode system = new ObjectMapper().readTree(response.body());
            assertEquals("node-7", system.get("node").asText());
            assertEquals("10.0.0.7:9091", system.at("/nodes/0/address").asText());
            assertEquals(1, system.at("/nodes/0/partitions").asInt());
            assertEquals("OWNING", system.at("/partitions/0/stage").asText());
            assertEquals("node-7", system.at("/partitions/0/node").asText());
            assertEquals("NOBODY", system.at("/partitions/1/stage").asText());
            assertTrue(system.at("/partitions/1/node").isNull());
            assertEquals(door.log.partitions(), system.get("partitions").size());
        }
    }
}
