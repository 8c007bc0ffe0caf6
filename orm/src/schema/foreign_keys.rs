//! Whether relations and foreign keys say the same: what two models say of one field.

use super::{ModelSchema, RelationKind, RelationSchema, Through};
use crate::error::{Error, ErrorCode};

/// Refuses a relation of the model by a field that is said to hold the ids of another model: it would lead nowhere.
///
/// # Errors
/// `InvalidQuery`, naming the relation.
pub(super) fn check(model: &'static ModelSchema) -> Result<(), Error> {
    model.relations().iter().try_for_each(|relation| check_relation(model, relation))
}

fn check_relation(model: &'static ModelSchema, relation: &'static RelationSchema) -> Result<(), Error> {
    let target = relation.target();
    match (relation.kind(), relation.through()) {
        (_, Some(Through { model: middle, from, to })) => {
            let middle = middle();
            let is_swapped = refers_to(middle, from).any(|other| is_same(other, target));
            let advice = if is_swapped { "swap `from` and `to`" } else { NAME_IT };
            check_field(model, relation, middle, from, model, advice)?;
            check_field(model, relation, middle, to, target, NAME_IT)
        }
        (RelationKind::BelongsTo, None) => {
            // A field may be the foreign key of several relations, each of which finds what the others do not.
            let local = relation.local(model);
            check_holds_ids(model, relation, model, local, target)?;
            let reference = model.field(local).reference().map(|reference| (reference.model)());
            match reference.filter(|to| !belongs_to(model, local).any(|target| is_same(to, target))) {
                Some(_) => Err(refused(model, relation, model, local, target, "let `references` name the same model")),
                None => Ok(()),
            }
        }
        (_, None) => check_field(model, relation, target, relation.foreign(), model, NAME_IT),
    }
}

const NAME_IT: &str = "name the field that holds it, or give this one a `belongs_to` of that model as well";

/// Refuses a field that is said to hold the ids of other models only.
fn check_field(
    model: &'static ModelSchema,
    relation: &RelationSchema,
    of: &'static ModelSchema,
    field: usize,
    holds: &'static ModelSchema,
    advice: &str,
) -> Result<(), Error> {
    check_holds_ids(model, relation, of, field, holds)?;
    let mut said = refers_to(of, field).peekable();
    // A model whose own id is that of another has records by the ids of both.
    let has_ids_of = |one: &'static ModelSchema, other| refers_to(one, one.id()).any(|its| is_same(its, other));
    let has_id_of = |to: &'static ModelSchema| is_same(to, holds) || has_ids_of(holds, to) || has_ids_of(to, holds);
    if said.peek().is_none() || said.any(has_id_of) {
        return Ok(());
    }
    Err(refused(model, relation, of, field, holds, advice))
}

/// Refuses a field whose `references` names another one than the id: relations are by id.
fn check_holds_ids(
    model: &'static ModelSchema,
    relation: &RelationSchema,
    of: &'static ModelSchema,
    field: usize,
    holds: &ModelSchema,
) -> Result<(), Error> {
    let Some((to, other)) = of.field(field).reference().map(|reference| ((reference.model)(), reference.field)) else {
        return Ok(());
    };
    if other == to.id() {
        return Ok(());
    }
    let values = format!("values of `{}.{}`", to.name(), to.field(other).name());
    let advice = "let it hold ids, which relations are by, or find these records with a filter";
    Err(contradicted(model, relation, of, field, holds, &values, advice))
}

/// The models whose ids a field is said to hold: by `belongs_to`, or by `references`.
fn refers_to(model: &'static ModelSchema, field: usize) -> impl Iterator<Item = &'static ModelSchema> {
    belongs_to(model, field).chain(model.field(field).reference().map(|reference| (reference.model)()))
}

fn belongs_to(model: &'static ModelSchema, field: usize) -> impl Iterator<Item = &'static ModelSchema> {
    let by_field = move |relation: &&'static RelationSchema| {
        relation.kind() == RelationKind::BelongsTo && relation.local(model) == field
    };
    model.relations().iter().filter(by_field).map(RelationSchema::target)
}

/// Whether the records of two models are the same: two programs may each have their own struct for a table.
fn is_same(one: &ModelSchema, other: &ModelSchema) -> bool {
    (one.table(), one.database_schema()) == (other.table(), other.database_schema())
}

fn refused(
    model: &'static ModelSchema,
    relation: &RelationSchema,
    of: &'static ModelSchema,
    field: usize,
    holds: &ModelSchema,
    advice: &str,
) -> Error {
    let mut others: Vec<String> =
        refers_to(of, field).filter(|to| !is_same(to, holds)).map(|to| format!("`{}`", to.name())).collect();
    others.dedup();
    contradicted(model, relation, of, field, holds, &format!("ids of {}", others.join(" or ")), advice)
}

fn contradicted(
    model: &'static ModelSchema,
    relation: &RelationSchema,
    of: &'static ModelSchema,
    field: usize,
    holds: &ModelSchema,
    instead: &str,
    advice: &str,
) -> Error {
    let message = format!(
        "the relation `{}.{}` takes `{}.{}` for an id of `{}`, but it holds {instead}: {advice}",
        model.name(),
        relation.name(),
        of.name(),
        of.field(field).name(),
        holds.name(),
    );
    Error::new(ErrorCode::InvalidQuery, message).with_model(model)
}

#[cfg(test)]
mod tests {
    use crate::MemoryDriver;
    use crate::prelude::*;

    #[derive(Model)]
    #[orm(table = "people")]
    #[orm(has_many(letters: Letter, foreign_key = sender_id))]
    #[orm(has_many(received: Letter, foreign_key = receiver_id))]
    #[orm(many_to_many(groups: Group, through = Member, from = person_id, to = group_id))]
    struct Person {
        #[orm(id)]
        id: String,
    }

    #[derive(Model)]
    #[orm(table = "groups")]
    #[orm(has_many(things: Thing, foreign_key = owner_id))]
    #[orm(many_to_many(people: Person, through = Member, from = group_id, to = person_id))]
    struct Group {
        #[orm(id)]
        id: String,
    }

    #[derive(Model)]
    #[orm(table = "members")]
    #[orm(belongs_to(person: Person, foreign_key = person_id))]
    #[orm(belongs_to(group: Group, foreign_key = group_id))]
    struct Member {
        #[orm(id)]
        id: String,
        person_id: String,
        group_id: String,
    }

    #[derive(Model)]
    #[orm(table = "letters")]
    #[orm(belongs_to(sender: Person, foreign_key = sender_id))]
    struct Letter {
        #[orm(id)]
        id: String,
        sender_id: String,
        receiver_id: String,
    }

    /// Owned by a person or by a group: the foreign key is one of either.
    #[derive(Model)]
    #[orm(table = "things")]
    #[orm(belongs_to(person: Person, foreign_key = owner_id))]
    #[orm(belongs_to(group: Group, foreign_key = owner_id))]
    struct Thing {
        #[orm(id)]
        id: String,
        owner_id: String,
    }

    /// Has the id of its person, and what belongs to that.
    #[derive(Model)]
    #[orm(table = "passports")]
    #[orm(belongs_to(person: Person, foreign_key = person_id))]
    #[orm(has_many(letters: Letter, foreign_key = sender_id))]
    struct Passport {
        #[orm(id(given), references = Person::ID)]
        person_id: String,
    }

    mod another {
        use super::{Letter, Member};
        use crate::prelude::*;

        /// Another program's struct of the people.
        #[derive(Model)]
        #[orm(table = "people", name = "correspondent")]
        #[orm(has_many(letters: Letter, foreign_key = sender_id))]
        pub(super) struct Correspondent {
            #[orm(id)]
            id: String,
        }

        /// By the ids of passports, which are those of people.
        #[derive(Model)]
        #[orm(table = "people", name = "traveller")]
        #[orm(has_many(stamps: Stamp, foreign_key = passport_id))]
        pub(super) struct Traveller {
            #[orm(id)]
            id: String,
        }

        #[derive(Model)]
        #[orm(table = "stamps")]
        #[orm(belongs_to(passport: super::Passport, foreign_key = passport_id))]
        pub(super) struct Stamp {
            #[orm(id)]
            id: String,
            passport_id: String,
        }

        #[derive(Model)]
        #[orm(table = "accounts")]
        #[orm(has_many(mails: Mail, foreign_key = address))]
        pub(super) struct Account {
            #[orm(id)]
            id: String,
            #[orm(unique)]
            email: String,
        }

        #[derive(Model)]
        #[orm(table = "mails")]
        #[orm(belongs_to(account: Account, foreign_key = address))]
        pub(super) struct Mail {
            #[orm(id)]
            id: String,
            #[orm(references = Account::EMAIL)]
            address: String,
        }

        #[derive(Model)]
        #[orm(table = "swappers")]
        #[orm(many_to_many(people: super::Person, through = Member, from = person_id, to = group_id))]
        pub(super) struct Swapper {
            #[orm(id)]
            id: String,
        }

        #[derive(Model)]
        #[orm(table = "clubs")]
        #[orm(many_to_many(groups: super::Group, through = Member, from = person_id, to = group_id))]
        pub(super) struct Club {
            #[orm(id)]
            id: String,
        }

        #[derive(Model)]
        #[orm(table = "offices")]
        #[orm(has_many(letters: Letter, foreign_key = sender_id))]
        pub(super) struct Office {
            #[orm(id)]
            id: String,
        }

        #[derive(Model)]
        #[orm(table = "notes")]
        #[orm(belongs_to(person: super::Person, foreign_key = person_id))]
        pub(super) struct Note {
            #[orm(id)]
            id: String,
            #[orm(references = super::Group::ID)]
            person_id: String,
        }
    }

    #[test]
    fn relations_that_agree_with_foreign_keys_are_taken() -> Result<(), Error> {
        Orm::new(schema![Person, Group, Member, Letter, Thing], MemoryDriver::new())?;
        Orm::new(schema![another::Correspondent, Letter], MemoryDriver::new())?;
        Orm::new(schema![Passport, Person, Letter], MemoryDriver::new())?;
        Orm::new(schema![another::Traveller, another::Stamp, Passport], MemoryDriver::new())?;
        Ok(())
    }

    #[test]
    fn relations_that_would_lead_nowhere_are_refused() {
        let refused = [
            (
                schema![another::Swapper],
                "the relation `swapper.people` takes `member.person_id` for an id of `swapper`, but it holds ids of `person`: \
                 swap `from` and `to`",
            ),
            (
                schema![another::Club],
                "the relation `club.groups` takes `member.person_id` for an id of `club`, but it holds ids of `person`: name \
                 the field that holds it, or give this one a `belongs_to` of that model as well",
            ),
            (
                schema![another::Office],
                "the relation `office.letters` takes `letter.sender_id` for an id of `office`, but it holds ids of `person`: \
                 name the field that holds it, or give this one a `belongs_to` of that model as well",
            ),
            (
                schema![another::Account],
                "the relation `account.mails` takes `mail.address` for an id of `account`, but it holds values of \
                 `account.email`: let it hold ids, which relations are by, or find these records with a filter",
            ),
            (
                schema![another::Mail],
                "the relation `mail.account` takes `mail.address` for an id of `account`, but it holds values of \
                 `account.email`: let it hold ids, which relations are by, or find these records with a filter",
            ),
            (
                schema![another::Note],
                "the relation `note.person` takes `note.person_id` for an id of `person`, but it holds ids of `group`: let \
                 `references` name the same model",
            ),
        ];
        for (schema, message) in refused {
            let error = Orm::new(schema, MemoryDriver::new()).expect_err("it leads nowhere");
            assert_eq!((error.code(), error.to_string().as_str()), (ErrorCode::InvalidQuery, message));
        }
    }
}
