package io.millrace.infra.client.json;

/**
 * A number as it stands in a text: no digit is lost, however many there are.
 *
 * @param text its digits
 */
public record JsonNumber(String text) {

    @Override
    public String toString() {
        return text;
    }
}
