import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describePayload } from "./describe-payload.ts";
import { parseDictionary } from "./dictionary.ts";

const data = new URL("../../../policies/data/dictionary/data.json", import.meta.url);
const dictionary = parseDictionary(JSON.parse(readFileSync(data, "utf8")));
const traitsOf = (name: string) => dictionary.traitsOf(name).join(" ");

const personal = "pii";
const identifier = "direct_identifier pii";
const patientIdentifier = "direct_identifier phi pii";
const health = "phi pii";

/** 45 CFR 164.514(b)(2)(i), (A) to (R): names as plugins write them. */
const safeHarbor: readonly (readonly [letter: string, traits: string, names: string])[] = [
  [
    "A names",
    personal,
    "name full_name firstName LAST-NAME first_names patientName customer_full_name maidenName nextOfKin",
  ],
  [
    "A names",
    personal,
    "name2 user.name fname lname surname given_names emergency_contact GuardianName spouse displayName",
  ],
  [
    "B places",
    personal,
    "address homeAddress street_address AddressLine1 address2 zip zipCode zip5 patient_zip postal-code",
  ],
  [
    "B places",
    personal,
    "city home_city county precinct geocode latitude lat LNG coordinates gpsPosition place_of_birth po_box",
  ],
  [
    "C dates",
    personal,
    "dob DateOfBirth birth_date birthdates patientDOB birthYear date-of-birth age patient_age born_on",
  ],
  [
    "C care",
    health,
    "admissionDate admission_dates discharged_at dateOfDeath DISCHARGE-DATE visit_date surgeryDate deceasedAt",
  ],
  [
    "D telephone",
    personal,
    "phone phoneNumber telephone_no homePhones mobile cell_phone patientphonenumber tel work-tel msisdn landline",
  ],
  ["E fax", personal, "fax faxNumber fax_no home-fax telefax officeFaxes facsimile"],
  ["F mail", personal, "email e-mail eMailAddress user_email EMAILS emailaddress mail mailbox cc bcc useremailaddress"],
  [
    "G social security",
    identifier,
    "ssn SSN patientSSN social_security_number socialSecurityNo ss-number itin national_id nino soc_sec",
  ],
  [
    "H records",
    patientIdentifier,
    "mrn MRN patientMrn medical_record_number medicalRecordNo medical-records chartNumber patient_number hospitalNumber nhs_number",
  ],
  [
    "I health plans",
    patientIdentifier,
    "insurance_id insuranceNumber healthPlanId health-plan-beneficiary-number medicareNumber medicaid_id beneficiaryNo insurance_policy",
  ],
  [
    "J accounts",
    "financial pii",
    "account_number accountNo bankAccounts iban IBAN routing-number creditCardNumber card_number cvv CVV2 acct_no sortCode",
  ],
  [
    "K licences",
    personal,
    "license_number driversLicense driver_license_no drivingLicence passport passportNumber certificate-number tax_id npi",
  ],
  [
    "L vehicles",
    personal,
    "vin VIN licensePlate license_plate_number number-plate vehicleId vehicle_registration plate chassisNumber",
  ],
  [
    "M devices",
    personal,
    "deviceId device_identifier serialNumber serial-no imei IMEI udid MACAddress mac_addr implantSerial advertisingId",
  ],
  ["N web", personal, "personal_url profileUrl website homepage patientWebsite linkedin_profile social-media blogUrl"],
  [
    "O network",
    personal,
    "ip IP ip_address ipAddr clientIp remote-ip IPv4 ipv6Address source_ip lastLoginIp remoteAddr",
  ],
  [
    "P biometrics",
    health,
    "fingerprint finger_prints voiceprint biometricData retinaScan iris faceTemplate DNA dna_sequence genomeId",
  ],
  [
    "Q pictures",
    personal,
    "photo patientPhotos avatar profile_picture profilePhoto headshot selfie fullFaceImage portraitUrl picture",
  ],
  [
    "Q pictures",
    personal,
    "photoUrl user_photo_url PHOTO-URI photoLink avatarUrl memberAvatarURL avatar_path pictureUrl pic_url photourl",
  ],
  ["R others of a patient", health, "patient_id patientId patientUUID health-id participantId"],
  ["R others", personal, "gender ethnicity maritalStatus nationality sexual_orientation race religion citizenship"],
];

const floor: readonly (readonly [what: string, traits: string, names: string])[] = [
  [
    "conditions and care",
    "phi",
    "diagnosis diagnoses primaryDiagnosis treatment treatment_plan medicalHistory MEDICATIONS prescription allergies",
  ],
  [
    "conditions and care",
    "phi",
    "symptoms icdCode icd10 labResult test_results bloodType vital-signs clinicalNotes therapy bmi heartRate",
  ],
  ["money", "financial", "salary netWorth credit_score monthly_income wages"],
  ["secrets", "confidential", "password newPassword api_key apiKeys clientSecret private-key accessToken otp"],
];

const cases = [...safeHarbor, ...floor].flatMap(([what, traits, names]) =>
  names.split(" ").map((name) => [what, name, traits]),
);

/** What stands near, and says nothing of a person. */
const nearMisses = `
  template status state country region id user_id event_id email_id emailVerified phone_verified fileName host_name hostname
  product_name event_name zip_file gzip unzipped zipper shipment capacity velocity simplicity page pages message image
  average storage stage package usage manager_count recipient_count username_count certificate license
  licensed driver device vehicle serial account accounts card cards number numbers code codes record records chart
   plan plans health healthy health_check ship ships tip chip zone description recipe script
  subscription transcript vintage vinyl provincial domain dnsName url callback_url image_url product_photo_url link links version ipsum
  ip_version equipment recipients_total facsimiles_sent faxes_sent racecar trace trace_id embrace essex sexagesimal
  surgeon_count mobile_enabled cellar excel cancellation drugstore_count addressed redressed ageing agenda
  diagnostics cached duration date dates created_at updated_at timestamp due_date start_date delivery_date topic subject
  body quantity amount currency price total step steps_completed workflow department role roles reason kind type tags
`
  .trim()
  .split(/\s+/);

describe("the shipped dictionary", () => {
  it.each(cases)("finds %s in %s", (_, name, traits) => expect(traitsOf(name ?? "")).toBe(traits));

  it("covers the eighteen identifiers of Safe Harbor, several spellings each", () => {
    const letters = new Set(safeHarbor.map(([what]) => what.charAt(0)));
    expect([...letters].join("")).toBe("ABCDEFGHIJKLMNOPQR");
    expect(safeHarbor.every(([, , names]) => names.split(" ").length >= 4)).toBe(true);
  });

  it.each(nearMisses)("says nothing of %s", (name) => expect(traitsOf(name)).toBe(""));

  it.each([
    [{ patient: { name: "x" } }, "/patient/name", "pii"],
    [{ patients: [{ number: 1 }] }, "/patients/*/number", patientIdentifier],
    [{ patient: { id: 1 } }, "/patient/id", health],
    [{ date: { of: { birth: 1 } } }, "/date/of/birth", "pii"],
    [{ birth: { date: 1 } }, "/birth/date", "pii"],
    [{ insurance: { id: 1 } }, "/insurance/id", patientIdentifier],
    [{ medicalRecord: { anything: 1 } }, "/medicalRecord/anything", patientIdentifier],
    [{ social: { security: { number: 1 } } }, "/social/security/number", identifier],
    [{ bank: { accounts: [{ number: 1 }] } }, "/bank/accounts/*/number", "financial pii"],
    [{ vehicle: { plate: 1 } }, "/vehicle/plate", "pii"],
    [{ contact: { details: [[{ tel: 1 }]] } }, "/contact/details/*/*/tel", "pii"],
    [{ address: { lines: ["x"] } }, "/address/lines/*", "pii"],
    [{ order: { number: 1 } }, "/order/number", ""],
    [{ plan: { name2: 1, number: 2 } }, "/plan/number", ""],
    [{ file: { zip: { file: 1 } } }, "/file", ""],
  ])("reads %j by what it lies in", (payload, path, traits) => {
    const found = describePayload(payload, { dictionary }).fields.find((field) => field.path === path);
    expect(found?.traits.join(" ")).toBe(traits);
  });
});
