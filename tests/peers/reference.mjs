// The workload with @farming-labs/orm-dynamodb, against the server at the address that is given. Takes turns as
// src/side.rs says.
import { createInterface } from "node:readline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  belongsTo, bigint, boolean, createOrm, datetime, decimal, defineSchema, enumeration, hasMany, hasOne, id, integer,
  json, manyToMany, model, string,
} from "@farming-labs/orm";
import { createDynamodbDriver } from "@farming-labs/orm-dynamodb";

const endpoint = process.argv[2];
// How many users have sessions, as in names.rs.
const active = 100;

const schema = defineSchema({
  user: model({
    table: "users",
    fields: {
      id: id(), email: string().unique(), name: string(), email_verified: boolean().default(false),
      login_count: integer().default(0), tier: enumeration(["free", "pro", "enterprise"]).default("free"),
      quota: bigint().default(0n), created_at: datetime().defaultNow(), updated_at: datetime().defaultNow(),
    },
    relations: {
      profile: hasOne("profile", { foreignKey: "user_id" }),
      sessions: hasMany("session", { foreignKey: "user_id" }),
      accounts: hasMany("account", { foreignKey: "user_id" }),
      organizations: manyToMany("organization", { through: "member", from: "user_id", to: "organization_id" }),
    },
  }),
  profile: model({
    table: "profiles",
    fields: { id: id(), user_id: string().unique().references("user.id"), bio: string().nullable() },
    relations: { user: belongsTo("user", { foreignKey: "user_id" }) },
  }),
  session: model({
    table: "sessions",
    fields: { id: id(), user_id: string().references("user.id"), token: string().unique(), expires_at: datetime() },
    constraints: { indexes: [["user_id", "expires_at"]] },
    relations: { user: belongsTo("user", { foreignKey: "user_id" }) },
  }),
  account: model({
    table: "accounts",
    fields: {
      id: id(), user_id: string().references("user.id"), provider: string(), account_id: string(),
      plan: enumeration(["oss", "cloud"]).default("oss"), balance: decimal().default("0"), metadata: json().nullable(),
    },
    constraints: { unique: [["provider", "account_id"]], indexes: [["user_id", "provider"]] },
    relations: { user: belongsTo("user", { foreignKey: "user_id" }) },
  }),
  organization: model({
    table: "organizations",
    fields: { id: id(), name: string().unique(), slug: string().unique() },
    relations: { users: manyToMany("user", { through: "member", from: "organization_id", to: "user_id" }) },
  }),
  member: model({
    table: "members",
    fields: {
      id: id(), user_id: string().references("user.id"), organization_id: string().references("organization.id"),
      role: string(),
    },
    constraints: { unique: [["user_id", "organization_id"]], indexes: [["organization_id", "role"]] },
    relations: {
      user: belongsTo("user", { foreignKey: "user_id" }),
      organization: belongsTo("organization", { foreignKey: "organization_id" }),
    },
  }),
});

const client = new DynamoDBClient({
  endpoint, region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" },
});
const orm = createOrm({ schema, driver: createDynamodbDriver({ client }) });

const userId = (n) => `u${String(n).padStart(6, "0")}`;
const email = (n) => `u${String(n).padStart(6, "0")}@farminglabs.dev`;
const user = {
  id: true, email: true, name: true, email_verified: true, login_count: true, tier: true, quota: true,
  created_at: true, updated_at: true,
};
const session = { id: true, user_id: true, token: true, expires_at: true };
const hundred = { id: { in: Array.from({ length: 100 }, (_, n) => userId(n)) } };
const few = (n) => n % active;

const operations = {
  create: (n) => orm.user.create({ data: { email: `new-${n}@farminglabs.dev`, name: "Ada" }, select: user }),
  "find by id": (n) => orm.user.findUnique({ where: { id: userId(few(n)) }, select: user }),
  "find by email": (n) => orm.user.findUnique({ where: { email: email(few(n)) }, select: user }),
  "update by email": (n) =>
    orm.user.update({ where: { email: email(few(n)) }, data: { name: `Ada ${n}` }, select: user }),
  "change an email": (n) =>
    orm.user.update({ where: { id: userId(500 + n) }, data: { email: `moved-${n}@farminglabs.dev` }, select: user }),
  "sessions of a user": (n) => orm.session.findMany({ where: { user_id: userId(few(n)) }, select: session }),
  "count sessions of a user": (n) => orm.session.count({ where: { user_id: userId(few(n)) } }),
  "a user with sessions": (n) =>
    orm.user.findUnique({ where: { email: email(few(n)) }, select: { ...user, sessions: { select: session } } }),
  "100 users with profiles": () =>
    orm.user.findMany({
      where: hundred, select: { ...user, profile: { select: { id: true, user_id: true, bio: true } } },
    }),
  "100 users with sessions": () =>
    orm.user.findMany({ where: hundred, select: { ...user, sessions: { select: session } } }),
  "100 users with organizations": () =>
    orm.user.findMany({
      where: hundred, select: { ...user, organizations: { select: { id: true, name: true, slug: true } } },
    }),
  "create 100": (n) =>
    orm.user.createMany({
      data: Array.from({ length: 100 }, (_, place) => ({ email: `many-${n}-${place}@farminglabs.dev`, name: "Ada" })),
      select: user,
    }),
  "delete by email": (n) => orm.user.delete({ where: { email: email(900 - n) } }),
};

// What must be there, so that nothing is measured that does nothing.
const expected = {
  "find by id": (found) => found?.email, "find by email": (found) => found?.email,
  "update by email": (found) => found?.email, "change an email": (found) => found?.email,
  "sessions of a user": (found) => found.length === 10, "count sessions of a user": (count) => count === 10,
  "a user with sessions": (found) => found?.sessions.length === 10,
  "100 users with profiles": (found) => found.length === 100 && found.every((one) => one.profile),
  "100 users with sessions": (found) => found.length === 100 && found.every((one) => one.sessions.length === 10),
  "100 users with organizations": (found) =>
    found.length === 100 && found.every((one) => one.organizations.length === 10),
  "create 100": (created) => created.length === 100, "delete by email": (count) => count === 1,
};

const say = (line) => process.stdout.write(`${line}\n`);

say("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const { name, n } = JSON.parse(line);
  try {
    const start = performance.now();
    const answer = await operations[name](n);
    const ms = performance.now() - start;
    if (expected[name] && !expected[name](answer)) throw new Error("it answered something else than was asked for");
    say(JSON.stringify({ ms }));
  } catch (error) {
    say(JSON.stringify({ error: String(error?.message ?? error).split("\n")[0] }));
  }
}
client.destroy();
