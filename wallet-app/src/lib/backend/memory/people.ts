/** People who do not exist. Their numbers begin with `SYN`, as in the invented register. */

/** What an office knows of somebody: by the name of a claim. */
export type Values = Readonly<Record<string, string | boolean | readonly string[]>>;

export interface Person {
  person: Values;
  residence: Values;
  licence: Values;
  business: Values;
}

export const ADA: Person = {
  person: {
    given_name: "Ada",
    family_name: "Vogel",
    birth_date: "1991-04-17",
    place_of_birth: "Neustadt am See",
    nationality: "DE",
    personal_number: "SYN-1991-0417",
    sex: "female",
    portrait: true,
    age_over_16: true,
    age_over_18: true,
    age_over_21: true,
    age_over_65: false,
  },
  residence: {
    street_address: "Lindenweg 12",
    postal_code: "10115",
    locality: "Neustadt am See",
    region: "Nordmark",
    country: "DE",
    resident_since: "2019-08-01",
  },
  licence: {
    given_name: "Ada",
    family_name: "Vogel",
    birth_date: "1991-04-17",
    licence_number: "SYN-L-88214",
    categories: ["AM", "B", "BE"],
    issue_date: "2011-05-02",
    expiry_date: "2031-05-01",
    portrait: true,
  },
  business: {
    organisation_name: "Vogel & Petit Bootsbau",
    organisation_number: "SYN-HRB-4711",
    role: "director",
    given_name: "Ada",
    family_name: "Vogel",
    valid_powers: ["sign", "represent"],
  },
};

/** Somebody else, for a card that came to the wrong person. */
export const KARIM: Person = {
  ...ADA,
  person: {
    ...ADA.person,
    given_name: "Karim",
    family_name: "Girard",
    birth_date: "1984-11-03",
    place_of_birth: "Hafenstein",
    personal_number: "SYN-1984-1103",
    sex: "male",
  },
};
