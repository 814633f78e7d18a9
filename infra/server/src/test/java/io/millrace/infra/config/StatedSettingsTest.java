package io.millrace.infra.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the log tells of settings gives no secret away, and tells each other change. */
class StatedSettingsTest {

    private static StatedSettings stated(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(Map.of("kafka.bootstrap_servers", "broker:9092"));
        all.putAll(more);
        return ServerConfig.load(all, Map.of(), Optional.empty()).stated();
    }

    @Test
    void theDigestIsThatOfALineForEachSetting() {
        StatedSettings two = new StatedSettings(new TreeMap<>(Map.of("c", "x y", "a.b", "1")));

        assertEquals("c94c075137d63082da76c9c6c0da70bc73e6a267ff960109dad8cad0d493ed72", two.digest());
        assertEquals(
                "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
                two.hashes().get("a.b"));
    }

    @Test
    void aSecretIsNoPartOfItInAnyForm() {
        Map<String, String> one = Map.of(
                "postgres.url", "jdbc:postgresql://db/millrace?user=u&password=hush1&sslmode=require",
                "postgres.password", "hush1",
                "audit.witnesses", "w.example/1+00000000+AA==@https://u:hush1@w.example",
                "kafka.properties.sasl.jaas.config", "x password=\"hush1\"",
                "kafka.properties.my.plugin.token", "hush1",
                "kafka.properties.security.protocol", "SASL_SSL");
        Map<String, String> other = new HashMap<>(one);
        other.replaceAll((key, value) -> value.replace("hush1", "hush2"));

        assertEquals(stated(one), stated(other));
        assertEquals(stated(one).digest(), stated(other).digest());
        assertFalse(stated(one).toString().contains("hush"), () -> stated(one).toString());
        assertEquals(
                "jdbc:postgresql://db/millrace?user=u&password=&sslmode=require",
                stated(one).values().get("postgres.url"));
        assertEquals("SASL_SSL", stated(one).values().get("kafka.properties.security.protocol"));
        assertEquals("(set)", stated(one).values().get("kafka.properties.my.plugin.token"));
    }

    @Test
    void eachWitnessIsPartOfItWithItsKeyAndItsAddress() {
        String two = "a+00000000+AA//AA==@https://u:hush@a.example,b+00000000+BBBB@https://b.example";

        assertEquals(
                "a+00000000+AA//AA==@https://a.example,b+00000000+BBBB@https://b.example",
                stated(Map.of("audit.witnesses", two)).values().get("audit.witnesses"));
    }

    @Test
    void everyOtherValueIsPartOfItAlsoThoseThatNobodySaid() {
        assertEquals("600", stated(Map.of()).values().get("limits.refusals"));
        assertNotEquals(
                stated(Map.of()).digest(),
                stated(Map.of("limits.refusals", "601")).digest());
        assertEquals(
                stated(Map.of()).digest(),
                stated(Map.of("limits.refusals", "6_00")).digest());
        assertEquals(
                "10.0.0.0/8,127.0.0.1/32",
                stated(Map.of("audit.trusted_proxies", "10.0.0.0/8, 127.0.0.1"))
                        .values()
                        .get("audit.trusted_proxies"));
    }
}
