//! Reads of one model.

use orm::prelude::*;
use orm::{Column, Filter};

use super::Outcome;
use crate::engine::Engine;
use crate::models::{Account, Profile, User, schema};
use crate::seed::seed;
use crate::strangers::{self, Article, Company, Slug, Task};

pub async fn finds_by_each_unique_key(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let by_id = User::find_unique(User::ID.eq(&seed.ada.id)).exec(&orm).await?;
    assert_eq!(by_id.as_ref(), Some(&seed.ada));
    let by_email = User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).exec(&orm).await?;
    assert_eq!(by_email, by_id);
    let by_compound = Account::find_unique(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada")).exec(&orm).await?;
    assert_eq!(by_compound.map(|account| account.user_id), Some(seed.ada.id.clone()));
    let by_foreign_key = Profile::find_unique(Profile::USER_ID.eq(&seed.ada.id)).exec(&orm).await?;
    assert_eq!(by_foreign_key.and_then(|profile| profile.bio).as_deref(), Some("Analyst"));
    assert_eq!(User::find_unique(User::EMAIL.eq("nobody@farminglabs.dev")).exec(&orm).await?, None);
    assert_eq!(User::find_unique(User::ID.eq("nobody")).exec(&orm).await?, None);
    Ok(())
}

/// A guard beside the key: whose it is, or whether it counts as deleted.
pub async fn a_key_and_a_filter(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let ada = seed(&orm).await?.ada;
    let by_email = || User::find_unique(User::EMAIL.eq("ada@farminglabs.dev"));
    assert_eq!(by_email().filter(User::NAME.eq("Ada")).exec(&orm).await?, Some(ada.clone()));
    assert_eq!(by_email().filter(User::NAME.ne("Ada")).exec(&orm).await?, None);
    let both = by_email().filter(User::NAME.starts_with("A")).filter(User::LOGIN_COUNT.gt(1000));
    assert_eq!(both.select(User::ID).exec(&orm).await?, None);
    assert_eq!(by_email().filter(User::ID.eq(&ada.id)).exec(&orm).await?, Some(ada.clone()));
    assert_eq!(by_email().filter(all(Vec::<Filter<User>>::new())).exec(&orm).await?, Some(ada));
    Ok(())
}

/// Code about any model names the id without knowing its field.
pub async fn by_the_id_of_any_model(engine: &impl Engine) -> Outcome {
    async fn again<M: Model>(orm: &Orm, record: &M) -> Result<[Option<M>; 2], Error>
    where
        <M::Id as Column>::Rust: Clone,
    {
        let id = || M::id_of(record).clone();
        let listed = M::find_first().filter(M::ID.is_in([id()])).exec(orm).await?;
        Ok([M::find_unique(M::ID.eq(id())).exec(orm).await?, listed])
    }

    let orm = engine.orm(strangers::schema()).await?;
    let company = Company::create().number(7).name("A").exec(&orm).await?;
    assert_eq!(again(&orm, &company).await?, [Some(company.clone()), Some(company)]);
    let article = Article::create().title("T").exec(&orm).await?;
    assert_eq!(again(&orm, &article).await?, [Some(article.clone()), Some(article)]);
    let task = Task::create().task_id(Slug::from("t-1")).r#type("t").name("n").status("s").exec(&orm).await?;
    assert_eq!(again(&orm, &task).await?, [Some(task.clone()), Some(task.clone())]);
    assert_eq!(Task::delete(<Task as Model>::ID.eq(Slug::from("t-1"))).exec(&orm).await?, 1);
    assert_eq!(again(&orm, &task).await?, [None, None]);
    Ok(())
}
