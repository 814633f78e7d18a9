/**
 * JSON as the commands need it: read with its numbers as they stand, written again for people, and pieces of it as they came,
 * byte for byte.
 */
package io.millrace.infra.client.json;
