/**
 * Which server is asked, and with which key: contexts in a file that only its owner may read, and what a development
 * server leaves in its data folder so that it is found.
 */
package io.millrace.infra.client.context;
