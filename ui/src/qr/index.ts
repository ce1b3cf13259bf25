/** Reads QR codes by camera, picture, pasted text and handheld scanner. */
import "../messages/common.ts";
