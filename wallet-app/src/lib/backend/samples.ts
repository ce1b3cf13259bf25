/** Written by a test of the wallet from what it really sends; type-checked against `types.ts`. */
import type * as T from "./types";

export const errors: T.WalletError[] = [
  {
    "code": "wallet_locked",
    "params": {}
  },
  {
    "code": "wrong_secret",
    "params": {
      "attemptsLeft": 4,
      "name": "A"
    }
  }
];

export const states: T.AppState[] = [
  {
    "phase": "first_run",
    "secretKind": "passphrase",
    "keyring": "available",
    "waitS": 0,
    "attemptsLeft": 5,
    "language": null,
    "theme": "system",
    "camera": true,
    "ecosystem": null
  },
  {
    "phase": "locked",
    "secretKind": "pin",
    "keyring": "locked",
    "waitS": 0,
    "attemptsLeft": 5,
    "language": "de",
    "theme": "light",
    "camera": true,
    "ecosystem": {
      "name": "Trial",
      "mode": "test"
    }
  },
  {
    "phase": "open",
    "secretKind": "pin",
    "keyring": "absent",
    "waitS": 0,
    "attemptsLeft": 5,
    "language": "fr",
    "theme": "dark",
    "camera": true,
    "ecosystem": {
      "name": "Trial",
      "mode": "live"
    }
  }
];

export const cards: T.CardSummary[] = [
  {
    "id": "c",
    "type": "urn:type",
    "face": {
      "title": {
        "de": "Residence",
        "en": "Residence"
      },
      "issuer": {
        "de": "Office",
        "en": "Office"
      },
      "background": "#103040",
      "text": null
    },
    "host": "office.example",
    "status": "valid",
    "statusAt": 1800000000,
    "receivedAt": 1800000000,
    "validUntil": 1900000000,
    "copies": {
      "online": 30,
      "offline": 0
    },
    "pending": false
  },
  {
    "id": "c",
    "type": "urn:type",
    "face": {
      "title": {
        "de": "Residence",
        "en": "Residence"
      },
      "issuer": {
        "de": "Office",
        "en": "Office"
      },
      "background": "#103040",
      "text": null
    },
    "host": "office.example",
    "status": "suspended",
    "statusAt": null,
    "receivedAt": 1800000000,
    "validUntil": 1900000000,
    "copies": {
      "online": 30,
      "offline": 0
    },
    "pending": false
  },
  {
    "id": "c",
    "type": "urn:type",
    "face": {
      "title": {
        "de": "Residence",
        "en": "Residence"
      },
      "issuer": {
        "de": "Office",
        "en": "Office"
      },
      "background": "#103040",
      "text": null
    },
    "host": "office.example",
    "status": "revoked",
    "statusAt": null,
    "receivedAt": 1800000000,
    "validUntil": 1900000000,
    "copies": {
      "online": 30,
      "offline": 0
    },
    "pending": false
  },
  {
    "id": "c",
    "type": "urn:type",
    "face": {
      "title": {
        "de": "Residence",
        "en": "Residence"
      },
      "issuer": {
        "de": "Office",
        "en": "Office"
      },
      "background": "#103040",
      "text": null
    },
    "host": "office.example",
    "status": "expired",
    "statusAt": null,
    "receivedAt": 1800000000,
    "validUntil": 1900000000,
    "copies": {
      "online": 30,
      "offline": 0
    },
    "pending": false
  },
  {
    "id": "c",
    "type": "urn:type",
    "face": {
      "title": {
        "de": "Residence",
        "en": "Residence"
      },
      "issuer": {
        "de": "Office",
        "en": "Office"
      },
      "background": "#103040",
      "text": null
    },
    "host": "office.example",
    "status": "unknown",
    "statusAt": null,
    "receivedAt": 1800000000,
    "validUntil": null,
    "copies": {
      "online": 30,
      "offline": 0
    },
    "pending": true
  },
  {
    "id": "c",
    "type": "urn:type",
    "face": {
      "title": {
        "de": "Residence",
        "en": "Residence"
      },
      "issuer": {
        "de": "Office",
        "en": "Office"
      },
      "background": "#103040",
      "text": null
    },
    "host": "office.example",
    "status": "not_yet_valid",
    "statusAt": null,
    "receivedAt": 1800000000,
    "validUntil": 1900000000,
    "copies": {
      "online": 30,
      "offline": 0
    },
    "pending": false
  }
];

export const details: T.CardDetail[] = [
  {
    "id": "c",
    "type": "urn:type",
    "face": {
      "title": {
        "de": "Residence",
        "en": "Residence"
      },
      "issuer": {
        "de": "Office",
        "en": "Office"
      },
      "background": "#103040",
      "text": null
    },
    "host": "office.example",
    "status": "valid",
    "statusAt": 1800000000,
    "receivedAt": 1800000000,
    "validUntil": 1900000000,
    "copies": {
      "online": 30,
      "offline": 0
    },
    "pending": false,
    "groups": [
      {
        "id": "person",
        "claims": [
          {
            "name": "address.locality",
            "label": {
              "de": "Town",
              "en": "Town"
            },
            "value": {
              "kind": "text",
              "text": "Aarau"
            }
          },
          {
            "name": "address.locality",
            "label": {
              "de": "Town",
              "en": "Town"
            },
            "value": {
              "kind": "yes_no",
              "yes": true
            }
          },
          {
            "name": "address.locality",
            "label": {
              "de": "Town",
              "en": "Town"
            },
            "value": {
              "kind": "date",
              "date": "2000-01-31"
            }
          },
          {
            "name": "address.locality",
            "label": {
              "de": "Town",
              "en": "Town"
            },
            "value": {
              "kind": "list",
              "items": [
                "CH",
                "FR"
              ]
            }
          },
          {
            "name": "address.locality",
            "label": {
              "de": "Town",
              "en": "Town"
            },
            "value": {
              "kind": "picture",
              "source": "data:image/png;base64,"
            }
          }
        ]
      },
      {
        "id": "address",
        "claims": []
      },
      {
        "id": "permission",
        "claims": []
      },
      {
        "id": "document",
        "claims": []
      },
      {
        "id": "other",
        "claims": []
      }
    ],
    "drawing": {
      "en": "data:image/svg+xml;base64,PHN2Zy8+"
    },
    "format": "ISO mdoc",
    "issuerRecord": {
      "id": "did:webvh:x:office.example",
      "record": "log",
      "confirmedAt": 1800000000,
      "confirmedBy": [
        "witness"
      ]
    },
    "successor": {
      "name": {
        "de": "Office",
        "en": "Office"
      },
      "host": "office.example",
      "since": 1800000000
    },
    "history": [
      {
        "id": 1,
        "at": 1800000000,
        "event": "offer",
        "party": "Shop",
        "partyId": null,
        "host": "shop.example",
        "purpose": null,
        "cards": [
          {
            "type": "urn:type",
            "title": {
              "de": "Residence",
              "en": "Residence"
            },
            "claims": [
              {
                "name": "given_name",
                "label": {
                  "de": "First name",
                  "en": "First name"
                }
              }
            ],
            "shownBefore": false
          }
        ],
        "outcome": "received",
        "reason": null,
        "keptDays": null,
        "saysKept": false,
        "receipt": false,
        "contradicts": false,
        "reportable": false
      }
    ]
  }
];

export const opened: T.Opened[] = [
  {
    "kind": "offer",
    "offer": {
      "handle": "h",
      "issuer": {
        "de": "Office",
        "en": "Office"
      },
      "host": "office.example",
      "publiclyRecorded": true,
      "cards": [
        {
          "type": "urn:type",
          "face": {
            "title": {
              "de": "Residence",
              "en": "Residence"
            },
            "issuer": {
              "de": "Office",
              "en": "Office"
            },
            "background": "#103040",
            "text": null
          },
          "claims": [
            {
              "name": "given_name",
              "label": {
                "de": "First name",
                "en": "First name"
              }
            }
          ]
        }
      ],
      "txCode": {
        "numeric": true,
        "length": 6,
        "hint": null
      }
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "registered",
        "nameLooksOdd": false,
        "record": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        }
      },
      "why": {
        "text": {
          "de": "To sell wine",
          "en": "To sell wine"
        },
        "privacyPolicy": "https://shop.example/privacy",
        "inPerson": false
      },
      "kept": {
        "kind": "no"
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "not_needed"
          }
        }
      ],
      "answers": [
        {
          "with": [
            "portrait"
          ],
          "answer": "yes"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "no"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "cannot_be_told"
        }
      ],
      "again": false,
      "crossDevice": true,
      "offline": false,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "foreign",
        "nameLooksOdd": false,
        "record": null
      },
      "why": null,
      "kept": {
        "kind": "days",
        "days": 30
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "not_needed"
          }
        }
      ],
      "answers": null,
      "again": false,
      "crossDevice": true,
      "offline": false,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "unregistered",
        "nameLooksOdd": false,
        "record": null
      },
      "why": null,
      "kept": {
        "kind": "not_said"
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "not_needed"
          }
        }
      ],
      "answers": null,
      "again": false,
      "crossDevice": true,
      "offline": false,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "registered",
        "nameLooksOdd": false,
        "record": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        }
      },
      "why": {
        "text": {
          "de": "To sell wine",
          "en": "To sell wine"
        },
        "privacyPolicy": "https://shop.example/privacy",
        "inPerson": false
      },
      "kept": {
        "kind": "no"
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "goes_along",
            "hours": 2
          }
        }
      ],
      "answers": [
        {
          "with": [
            "portrait"
          ],
          "answer": "yes"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "no"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "cannot_be_told"
        }
      ],
      "again": false,
      "crossDevice": true,
      "offline": true,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "registered",
        "nameLooksOdd": false,
        "record": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        }
      },
      "why": {
        "text": {
          "de": "To sell wine",
          "en": "To sell wine"
        },
        "privacyPolicy": "https://shop.example/privacy",
        "inPerson": false
      },
      "kept": {
        "kind": "no"
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "missing",
            "why": "not_held"
          }
        }
      ],
      "answers": [
        {
          "with": [
            "portrait"
          ],
          "answer": "yes"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "no"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "cannot_be_told"
        }
      ],
      "again": false,
      "crossDevice": true,
      "offline": true,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "registered",
        "nameLooksOdd": false,
        "record": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        }
      },
      "why": {
        "text": {
          "de": "To sell wine",
          "en": "To sell wine"
        },
        "privacyPolicy": "https://shop.example/privacy",
        "inPerson": false
      },
      "kept": {
        "kind": "no"
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "missing",
            "why": "too_old"
          }
        }
      ],
      "answers": [
        {
          "with": [
            "portrait"
          ],
          "answer": "yes"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "no"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "cannot_be_told"
        }
      ],
      "again": false,
      "crossDevice": true,
      "offline": true,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "registered",
        "nameLooksOdd": false,
        "record": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        }
      },
      "why": {
        "text": {
          "de": "To sell wine",
          "en": "To sell wine"
        },
        "privacyPolicy": "https://shop.example/privacy",
        "inPerson": false
      },
      "kept": {
        "kind": "no"
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "missing",
            "why": "status_differs"
          }
        }
      ],
      "answers": [
        {
          "with": [
            "portrait"
          ],
          "answer": "yes"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "no"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "cannot_be_told"
        }
      ],
      "again": false,
      "crossDevice": true,
      "offline": true,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "registered",
        "nameLooksOdd": false,
        "record": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        }
      },
      "why": {
        "text": {
          "de": "To sell wine",
          "en": "To sell wine"
        },
        "privacyPolicy": "https://shop.example/privacy",
        "inPerson": false
      },
      "kept": {
        "kind": "no"
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "missing",
            "why": "not_recorded"
          }
        }
      ],
      "answers": [
        {
          "with": [
            "portrait"
          ],
          "answer": "yes"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "no"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "cannot_be_told"
        }
      ],
      "again": false,
      "crossDevice": true,
      "offline": true,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "registered",
        "nameLooksOdd": false,
        "record": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        }
      },
      "why": {
        "text": {
          "de": "To sell wine",
          "en": "To sell wine"
        },
        "privacyPolicy": "https://shop.example/privacy",
        "inPerson": false
      },
      "kept": {
        "kind": "days",
        "days": 30
      },
      "widened": {
        "since": 1790000000,
        "claims": [
          {
            "de": "Street",
            "en": "Street"
          }
        ],
        "needed": [
          {
            "de": "Town",
            "en": "Town"
          }
        ],
        "notEnough": [
          [
            {
              "de": "First name",
              "en": "First name"
            },
            {
              "de": "Family name",
              "en": "Family name"
            }
          ]
        ],
        "choose": [
          [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          [
            {
              "de": "Age",
              "en": "Age"
            },
            {
              "de": "Town",
              "en": "Town"
            }
          ]
        ],
        "keptBefore": 7
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "not_needed"
          }
        }
      ],
      "answers": [
        {
          "with": [
            "portrait"
          ],
          "answer": "yes"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "no"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "cannot_be_told"
        }
      ],
      "again": false,
      "crossDevice": true,
      "offline": false,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "registered",
        "nameLooksOdd": false,
        "record": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        }
      },
      "why": {
        "text": {
          "de": "To sell wine",
          "en": "To sell wine"
        },
        "privacyPolicy": "https://shop.example/privacy",
        "inPerson": false
      },
      "kept": {
        "kind": "days",
        "days": 30
      },
      "widened": {
        "since": 1790000000,
        "claims": [
          {
            "de": "Street",
            "en": "Street"
          }
        ],
        "needed": [
          {
            "de": "Town",
            "en": "Town"
          }
        ],
        "notEnough": [
          [
            {
              "de": "First name",
              "en": "First name"
            },
            {
              "de": "Family name",
              "en": "Family name"
            }
          ]
        ],
        "choose": [
          [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          [
            {
              "de": "Age",
              "en": "Age"
            },
            {
              "de": "Town",
              "en": "Town"
            }
          ]
        ],
        "keptBefore": null
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "not_needed"
          }
        }
      ],
      "answers": [
        {
          "with": [
            "portrait"
          ],
          "answer": "yes"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "no"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "cannot_be_told"
        }
      ],
      "again": false,
      "crossDevice": true,
      "offline": false,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "registered",
        "nameLooksOdd": false,
        "record": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        }
      },
      "why": {
        "text": {
          "de": "To sell wine",
          "en": "To sell wine"
        },
        "privacyPolicy": "https://shop.example/privacy",
        "inPerson": false
      },
      "kept": {
        "kind": "days",
        "days": 30
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "not_needed"
          }
        }
      ],
      "earlierRecord": {
        "at": 1790000000,
        "lacked": [
          {
            "de": "Street",
            "en": "Street"
          }
        ]
      },
      "answers": [
        {
          "with": [
            "portrait"
          ],
          "answer": "yes"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "no"
        },
        {
          "with": [
            "portrait"
          ],
          "answer": "cannot_be_told"
        }
      ],
      "again": false,
      "crossDevice": true,
      "offline": false,
      "expiresAt": 1800000300
    }
  },
  {
    "kind": "request",
    "request": {
      "handle": "h",
      "who": {
        "name": {
          "de": "Shop",
          "en": "Shop"
        },
        "host": "shop.example",
        "registration": "foreign",
        "nameLooksOdd": false,
        "record": null
      },
      "why": null,
      "kept": {
        "kind": "said"
      },
      "cards": [
        {
          "card": {
            "id": "c",
            "type": "urn:type",
            "face": {
              "title": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuer": {
                "de": "Office",
                "en": "Office"
              },
              "background": "#103040",
              "text": null
            },
            "host": "office.example",
            "status": "valid",
            "statusAt": 1800000000,
            "receivedAt": 1800000000,
            "validUntil": 1900000000,
            "copies": {
              "online": 30,
              "offline": 0
            },
            "pending": false
          },
          "needed": [
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "text",
                "text": "Aarau"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "yes_no",
                "yes": true
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "date",
                "date": "2000-01-31"
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "list",
                "items": [
                  "CH",
                  "FR"
                ]
              }
            },
            {
              "name": "address.locality",
              "label": {
                "de": "Town",
                "en": "Town"
              },
              "value": {
                "kind": "picture",
                "source": "data:image/png;base64,"
              }
            }
          ],
          "optional": [],
          "withheld": [
            {
              "de": "Photo",
              "en": "Photo"
            }
          ],
          "always": [],
          "beyond": [
            "given_name"
          ],
          "shownBefore": false,
          "proof": {
            "state": "not_needed"
          }
        }
      ],
      "answers": null,
      "again": false,
      "crossDevice": true,
      "offline": false,
      "expiresAt": 1800000300
    }
  }
];

export const received: T.Received[] = [
  {
    "handle": "h",
    "cards": [
      {
        "id": "c",
        "type": "urn:type",
        "face": {
          "title": {
            "de": "Residence",
            "en": "Residence"
          },
          "issuer": {
            "de": "Office",
            "en": "Office"
          },
          "background": "#103040",
          "text": null
        },
        "host": "office.example",
        "status": "valid",
        "statusAt": 1800000000,
        "receivedAt": 1800000000,
        "validUntil": 1900000000,
        "copies": {
          "online": 30,
          "offline": 0
        },
        "pending": false,
        "groups": [
          {
            "id": "person",
            "claims": [
              {
                "name": "address.locality",
                "label": {
                  "de": "Town",
                  "en": "Town"
                },
                "value": {
                  "kind": "text",
                  "text": "Aarau"
                }
              },
              {
                "name": "address.locality",
                "label": {
                  "de": "Town",
                  "en": "Town"
                },
                "value": {
                  "kind": "yes_no",
                  "yes": true
                }
              },
              {
                "name": "address.locality",
                "label": {
                  "de": "Town",
                  "en": "Town"
                },
                "value": {
                  "kind": "date",
                  "date": "2000-01-31"
                }
              },
              {
                "name": "address.locality",
                "label": {
                  "de": "Town",
                  "en": "Town"
                },
                "value": {
                  "kind": "list",
                  "items": [
                    "CH",
                    "FR"
                  ]
                }
              },
              {
                "name": "address.locality",
                "label": {
                  "de": "Town",
                  "en": "Town"
                },
                "value": {
                  "kind": "picture",
                  "source": "data:image/png;base64,"
                }
              }
            ]
          },
          {
            "id": "address",
            "claims": []
          },
          {
            "id": "permission",
            "claims": []
          },
          {
            "id": "document",
            "claims": []
          },
          {
            "id": "other",
            "claims": []
          }
        ],
        "drawing": {
          "en": "data:image/svg+xml;base64,PHN2Zy8+"
        },
        "format": "ISO mdoc",
        "issuerRecord": {
          "id": "did:webvh:x:office.example",
          "record": "log",
          "confirmedAt": 1800000000,
          "confirmedBy": [
            "witness"
          ]
        },
        "successor": {
          "name": {
            "de": "Office",
            "en": "Office"
          },
          "host": "office.example",
          "since": 1800000000
        },
        "history": [
          {
            "id": 1,
            "at": 1800000000,
            "event": "offer",
            "party": "Shop",
            "partyId": null,
            "host": "shop.example",
            "purpose": null,
            "cards": [
              {
                "type": "urn:type",
                "title": {
                  "de": "Residence",
                  "en": "Residence"
                },
                "claims": [
                  {
                    "name": "given_name",
                    "label": {
                      "de": "First name",
                      "en": "First name"
                    }
                  }
                ],
                "shownBefore": false
              }
            ],
            "outcome": "received",
            "reason": null,
            "keptDays": null,
            "saysKept": false,
            "receipt": false,
            "contradicts": false,
            "reportable": false
          }
        ]
      }
    ]
  }
];

export const shared: T.Shared[] = [
  {
    "sent": "now",
    "openedHost": "shop.example"
  },
  {
    "sent": "again",
    "openedHost": null
  }
];

export const history: T.HistoryItem[] = [
  {
    "id": 1,
    "at": 1800000000,
    "event": "offer",
    "party": "Shop",
    "partyId": null,
    "host": "shop.example",
    "purpose": null,
    "cards": [
      {
        "type": "urn:type",
        "title": {
          "de": "Residence",
          "en": "Residence"
        },
        "claims": [
          {
            "name": "given_name",
            "label": {
              "de": "First name",
              "en": "First name"
            }
          }
        ],
        "shownBefore": false
      }
    ],
    "outcome": "received",
    "reason": null,
    "keptDays": null,
    "saysKept": false,
    "receipt": false,
    "contradicts": false,
    "reportable": false
  },
  {
    "id": 1,
    "at": 1800000000,
    "event": "offer",
    "party": "Shop",
    "partyId": null,
    "host": "shop.example",
    "purpose": null,
    "cards": [
      {
        "type": "urn:type",
        "title": {
          "de": "Residence",
          "en": "Residence"
        },
        "claims": [
          {
            "name": "given_name",
            "label": {
              "de": "First name",
              "en": "First name"
            }
          }
        ],
        "shownBefore": false
      }
    ],
    "outcome": "not_stored",
    "reason": null,
    "keptDays": null,
    "saysKept": false,
    "receipt": false,
    "contradicts": false,
    "reportable": false
  },
  {
    "id": 1,
    "at": 1800000000,
    "event": "request",
    "party": "Shop",
    "partyId": "did:webvh:x:shop.example",
    "host": "shop.example",
    "purpose": "To sell wine",
    "cards": [
      {
        "type": "urn:type",
        "title": {
          "de": "Residence",
          "en": "Residence"
        },
        "claims": [
          {
            "name": "given_name",
            "label": {
              "de": "First name",
              "en": "First name"
            }
          }
        ],
        "shownBefore": false
      }
    ],
    "outcome": "shared",
    "reason": null,
    "keptDays": 30,
    "saysKept": false,
    "receipt": true,
    "contradicts": false,
    "reportable": false
  },
  {
    "id": 1,
    "at": 1800000000,
    "event": "request",
    "party": "Shop",
    "partyId": null,
    "host": "shop.example",
    "purpose": null,
    "cards": [
      {
        "type": "urn:type",
        "title": {
          "de": "Residence",
          "en": "Residence"
        },
        "claims": [
          {
            "name": "given_name",
            "label": {
              "de": "First name",
              "en": "First name"
            }
          }
        ],
        "shownBefore": false
      }
    ],
    "outcome": "not_shared",
    "reason": null,
    "keptDays": null,
    "saysKept": false,
    "receipt": false,
    "contradicts": false,
    "reportable": false
  },
  {
    "id": 1,
    "at": 1800000000,
    "event": "request",
    "party": "Shop",
    "partyId": null,
    "host": "shop.example",
    "purpose": null,
    "cards": [
      {
        "type": "urn:type",
        "title": {
          "de": "Residence",
          "en": "Residence"
        },
        "claims": [
          {
            "name": "given_name",
            "label": {
              "de": "First name",
              "en": "First name"
            }
          }
        ],
        "shownBefore": false
      }
    ],
    "outcome": "blocked",
    "reason": "over_asking",
    "keptDays": null,
    "saysKept": false,
    "receipt": false,
    "contradicts": false,
    "reportable": true
  },
  {
    "id": 1,
    "at": 1800000000,
    "event": "request",
    "party": "Shop",
    "partyId": null,
    "host": "shop.example",
    "purpose": null,
    "cards": [
      {
        "type": "urn:type",
        "title": {
          "de": "Residence",
          "en": "Residence"
        },
        "claims": [
          {
            "name": "given_name",
            "label": {
              "de": "First name",
              "en": "First name"
            }
          }
        ],
        "shownBefore": false
      }
    ],
    "outcome": "interrupted",
    "reason": null,
    "keptDays": null,
    "saysKept": false,
    "receipt": false,
    "contradicts": false,
    "reportable": false
  },
  {
    "id": 1,
    "at": 1800000000,
    "event": "request",
    "party": "Shop",
    "partyId": null,
    "host": "shop.example",
    "purpose": null,
    "cards": [
      {
        "type": "urn:type",
        "title": {
          "de": "Residence",
          "en": "Residence"
        },
        "claims": [
          {
            "name": "given_name",
            "label": {
              "de": "First name",
              "en": "First name"
            }
          }
        ],
        "shownBefore": false
      }
    ],
    "outcome": "maybe_received",
    "reason": null,
    "keptDays": null,
    "saysKept": true,
    "receipt": false,
    "contradicts": false,
    "reportable": false
  },
  {
    "id": 1,
    "at": 1800000000,
    "event": "request",
    "party": "Shop",
    "partyId": null,
    "host": "shop.example",
    "purpose": null,
    "cards": [
      {
        "type": "urn:type",
        "title": {
          "de": "Residence",
          "en": "Residence"
        },
        "claims": [
          {
            "name": "given_name",
            "label": {
              "de": "First name",
              "en": "First name"
            }
          }
        ],
        "shownBefore": false
      }
    ],
    "outcome": "not_sent",
    "reason": null,
    "keptDays": null,
    "saysKept": false,
    "receipt": false,
    "contradicts": false,
    "reportable": false
  },
  {
    "id": 1,
    "at": 1800000000,
    "event": "request",
    "party": "Shop",
    "partyId": null,
    "host": "shop.example",
    "purpose": null,
    "cards": [
      {
        "type": "urn:type",
        "title": {
          "de": "Residence",
          "en": "Residence"
        },
        "claims": [
          {
            "name": "given_name",
            "label": {
              "de": "First name",
              "en": "First name"
            }
          }
        ],
        "shownBefore": false
      }
    ],
    "outcome": "not_accepted",
    "reason": null,
    "keptDays": null,
    "saysKept": false,
    "receipt": false,
    "contradicts": false,
    "reportable": false
  }
];

export const businesses: T.Business[] = [
  {
    "id": "did:webvh:x:shop.example",
    "name": "Shop",
    "host": "shop.example",
    "recorded": true,
    "blocked": false,
    "never": [
      {
        "type": "urn:type",
        "claim": "given_name"
      }
    ],
    "items": []
  },
  {
    "id": "shop.example",
    "name": "Shop",
    "host": "shop.example",
    "recorded": false,
    "blocked": true,
    "never": [],
    "items": []
  }
];

export const neverShown: T.NeverShown[] = [
  {
    "type": "urn:type",
    "claim": "given_name",
    "title": {
      "de": "Residence",
      "en": "Residence"
    },
    "label": {
      "de": "First name",
      "en": "First name"
    }
  }
];

export const preferences: T.Preferences[] = [
  {
    "language": "en",
    "theme": "system",
    "autoLockMinutes": 1,
    "sampleCard": true
  },
  {
    "language": "en",
    "theme": "system",
    "autoLockMinutes": 5,
    "sampleCard": true
  },
  {
    "language": "en",
    "theme": "system",
    "autoLockMinutes": 15,
    "sampleCard": true
  }
];

export const camera: T.CameraEvent[] = [
  {
    "kind": "frame",
    "frame": {
      "width": 480,
      "height": 360,
      "source": "data:image/jpeg;base64,"
    }
  },
  {
    "kind": "code",
    "text": "openid4vp://x"
  },
  {
    "kind": "parts",
    "parts": {
      "received": 2,
      "needed": 4,
      "altered": false
    }
  },
  {
    "kind": "challenge",
    "challenge": "AAEC"
  },
  {
    "kind": "failed",
    "error": {
      "code": "camera_lost",
      "params": {}
    }
  }
];

export const seen: T.Seen[] = [
  {
    "kind": "code",
    "text": "openid4vp://x"
  },
  {
    "kind": "parts",
    "parts": {
      "received": 2,
      "needed": 4,
      "altered": true
    }
  },
  {
    "kind": "challenge",
    "challenge": "AAEC"
  }
];

export const shown: T.ShownAnswer[] = [
  {
    "side": 77,
    "frames": [
      "_oA"
    ],
    "needed": 1,
    "expiresAt": 1800000300
  }
];

export const offline: T.OfflineReadiness[] = [
  {
    "confirmedAt": 1800000000,
    "proofs": {
      "state": "ready",
      "hours": 2
    },
    "twoHistories": false
  },
  {
    "confirmedAt": 1800000000,
    "proofs": {
      "state": "old",
      "hours": 30
    },
    "twoHistories": true
  },
  {
    "confirmedAt": null,
    "proofs": {
      "state": "missing"
    },
    "twoHistories": false
  }
];

export const services: T.Services[] = [
  {
    "confirmedAt": 1800000000,
    "age": {
      "state": "ready",
      "hours": 2
    },
    "cardsConfirmedAt": 1800000000,
    "services": [
      {
        "id": "did:webvh:a/service/b",
        "name": {
          "de": "Housing benefit",
          "en": "Housing benefit"
        },
        "text": {
          "de": "Money for rent.",
          "en": "Money for rent."
        },
        "offeredBy": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "competent": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "legalBasis": [
          {
            "name": {
              "de": "Housing Act",
              "en": "Housing Act"
            },
            "uri": "https://law.example/a"
          }
        ],
        "fee": {
          "amount": 1500,
          "currency": "EUR"
        },
        "timeLimitDays": 30,
        "page": "https://office.example/apply",
        "complaints": "https://office.example/complaints",
        "answer": {
          "state": "can_use"
        }
      },
      {
        "id": "did:webvh:a/service/b",
        "name": {
          "de": "Housing benefit",
          "en": "Housing benefit"
        },
        "text": {
          "de": "Money for rent.",
          "en": "Money for rent."
        },
        "offeredBy": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "competent": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "legalBasis": [
          {
            "name": {
              "de": "Housing Act",
              "en": "Housing Act"
            },
            "uri": "https://law.example/a"
          }
        ],
        "fee": null,
        "timeLimitDays": null,
        "page": null,
        "complaints": "https://office.example/complaints",
        "answer": {
          "state": "cannot_use"
        }
      },
      {
        "id": "did:webvh:a/service/b",
        "name": {
          "de": "Housing benefit",
          "en": "Housing benefit"
        },
        "text": {
          "de": "Money for rent.",
          "en": "Money for rent."
        },
        "offeredBy": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "competent": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "legalBasis": [
          {
            "name": {
              "de": "Housing Act",
              "en": "Housing Act"
            },
            "uri": "https://law.example/a"
          }
        ],
        "fee": null,
        "timeLimitDays": null,
        "page": null,
        "complaints": "https://office.example/complaints",
        "answer": {
          "state": "lacks_card",
          "cards": [
            {
              "cardType": "urn:a",
              "name": {
                "de": "Residence",
                "en": "Residence"
              },
              "issuers": [
                {
                  "name": {
                    "de": "City Office",
                    "en": "City Office"
                  },
                  "host": "office.example"
                }
              ],
              "yours": "revoked"
            }
          ]
        }
      },
      {
        "id": "did:webvh:a/service/b",
        "name": {
          "de": "Housing benefit",
          "en": "Housing benefit"
        },
        "text": {
          "de": "Money for rent.",
          "en": "Money for rent."
        },
        "offeredBy": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "competent": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "legalBasis": [
          {
            "name": {
              "de": "Housing Act",
              "en": "Housing Act"
            },
            "uri": "https://law.example/a"
          }
        ],
        "fee": null,
        "timeLimitDays": null,
        "page": null,
        "complaints": "https://office.example/complaints",
        "answer": {
          "state": "cannot_be_told",
          "why": "rule_missing"
        }
      },
      {
        "id": "did:webvh:a/service/b",
        "name": {
          "de": "Housing benefit",
          "en": "Housing benefit"
        },
        "text": {
          "de": "Money for rent.",
          "en": "Money for rent."
        },
        "offeredBy": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "competent": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "legalBasis": [
          {
            "name": {
              "de": "Housing Act",
              "en": "Housing Act"
            },
            "uri": "https://law.example/a"
          }
        ],
        "fee": null,
        "timeLimitDays": null,
        "page": null,
        "complaints": "https://office.example/complaints",
        "answer": {
          "state": "cannot_be_told",
          "why": "another_rule"
        }
      },
      {
        "id": "did:webvh:a/service/b",
        "name": {
          "de": "Housing benefit",
          "en": "Housing benefit"
        },
        "text": {
          "de": "Money for rent.",
          "en": "Money for rent."
        },
        "offeredBy": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "competent": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "legalBasis": [
          {
            "name": {
              "de": "Housing Act",
              "en": "Housing Act"
            },
            "uri": "https://law.example/a"
          }
        ],
        "fee": null,
        "timeLimitDays": null,
        "page": null,
        "complaints": "https://office.example/complaints",
        "answer": {
          "state": "cannot_be_told",
          "why": "status_unknown"
        }
      },
      {
        "id": "did:webvh:a/service/b",
        "name": {
          "de": "Housing benefit",
          "en": "Housing benefit"
        },
        "text": {
          "de": "Money for rent.",
          "en": "Money for rent."
        },
        "offeredBy": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "competent": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "legalBasis": [
          {
            "name": {
              "de": "Housing Act",
              "en": "Housing Act"
            },
            "uri": "https://law.example/a"
          }
        ],
        "fee": null,
        "timeLimitDays": null,
        "page": null,
        "complaints": "https://office.example/complaints",
        "answer": {
          "state": "cannot_be_told",
          "why": "day_matters"
        }
      },
      {
        "id": "did:webvh:a/service/b",
        "name": {
          "de": "Housing benefit",
          "en": "Housing benefit"
        },
        "text": {
          "de": "Money for rent.",
          "en": "Money for rent."
        },
        "offeredBy": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "competent": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "legalBasis": [
          {
            "name": {
              "de": "Housing Act",
              "en": "Housing Act"
            },
            "uri": "https://law.example/a"
          }
        ],
        "fee": null,
        "timeLimitDays": null,
        "page": null,
        "complaints": "https://office.example/complaints",
        "answer": {
          "state": "cannot_be_told",
          "why": "not_answered"
        }
      },
      {
        "id": "did:webvh:a/service/b",
        "name": {
          "de": "Housing benefit",
          "en": "Housing benefit"
        },
        "text": {
          "de": "Money for rent.",
          "en": "Money for rent."
        },
        "offeredBy": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "competent": {
          "name": {
            "de": "City Office",
            "en": "City Office"
          },
          "host": "office.example"
        },
        "legalBasis": [
          {
            "name": {
              "de": "Housing Act",
              "en": "Housing Act"
            },
            "uri": "https://law.example/a"
          }
        ],
        "fee": null,
        "timeLimitDays": null,
        "page": null,
        "complaints": "https://office.example/complaints",
        "answer": {
          "state": "cannot_be_told",
          "why": "too_many_cards"
        }
      }
    ]
  },
  {
    "confirmedAt": null,
    "age": {
      "state": "missing"
    },
    "cardsConfirmedAt": null,
    "services": []
  }
];

export const trusted: T.TrustedList[] = [
  {
    "name": "Trial",
    "mode": "live",
    "version": 2,
    "expiresAt": 1800000000,
    "fingerprint": "00ff 00ff"
  }
];

export const offeredTrusted: T.OfferedTrusted[] = [
  {
    "list": {
      "name": "Trial",
      "mode": "test",
      "version": 2,
      "expiresAt": 1800000000,
      "fingerprint": "00ff 00ff"
    },
    "comes": "first"
  },
  {
    "list": {
      "name": "Trial",
      "mode": "test",
      "version": 2,
      "expiresAt": 1800000000,
      "fingerprint": "00ff 00ff"
    },
    "comes": "newer"
  },
  {
    "list": {
      "name": "Trial",
      "mode": "test",
      "version": 2,
      "expiresAt": 1800000000,
      "fingerprint": "00ff 00ff"
    },
    "comes": "already"
  }
];

export const away: Parameters<Parameters<T.Backend["onAway"]>[0]>[0][] = [
  "blurred",
  "focused",
  "locked"
];

export const refreshed: Awaited<ReturnType<T.Backend["refreshStatus"]>> = {
  "failures": 1
};

export const proofs: Awaited<ReturnType<T.Backend["refreshProofs"]>>[] = [
  {
    "failures": 1,
    "servicesFailed": null
  },
  {
    "failures": 1,
    "servicesFailed": "ledger_unreachable"
  }
];
