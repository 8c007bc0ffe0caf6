//! Records with what belongs to them.

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::super::Failure;
use super::{Hand, Item, READS_AT_ONCE, TARGET, items, lock_key, record_key, text};
use crate::models::{Organization, Profile, Session, User};

impl Hand {
    /// Profiles, each with its user.
    pub async fn profiles_with_users(&self, ids: &[String]) -> Result<Vec<(Profile, Option<User>)>, Failure> {
        let mut profiles = HashMap::with_capacity(ids.len());
        for item in self.batch_get("profiles", ids.iter().map(|id| record_key(id)), None).await? {
            let profile = items::profile(item)?;
            profiles.insert(profile.id.clone(), profile);
        }
        let profiles: Vec<Profile> = ids.iter().filter_map(|id| profiles.remove(id)).collect();
        // How often each user is wanted: the last one gets it, the others a copy.
        let mut wanted: HashMap<&str, usize> = HashMap::with_capacity(profiles.len());
        for profile in &profiles {
            *wanted.entry(&profile.user_id).or_default() += 1;
        }
        let mut users = HashMap::with_capacity(wanted.len());
        for item in self.batch_get("users", wanted.keys().map(|id| record_key(id)), None).await? {
            let user = items::user(item)?;
            users.insert(user.id.clone(), user);
        }
        let found: Vec<Option<User>> = profiles
            .iter()
            .map(|profile| {
                let left = wanted.get_mut(profile.user_id.as_str())?;
                *left -= 1;
                if *left == 0 { users.remove(&profile.user_id) } else { users.get(&profile.user_id).cloned() }
            })
            .collect();
        Ok(profiles.into_iter().zip(found).collect())
    }

    /// Users, each with the profile.
    pub async fn users_with_profiles(&self, ids: &[String]) -> Result<Vec<(User, Option<Profile>)>, Failure> {
        let users = self.users(ids).await?;
        let locks = users.iter().map(|user| lock_key("profile", "user_id", &user.id));
        let names = [("#target", TARGET)];
        let locks = self.batch_get("profiles", locks, Some(("#target", &names))).await?;
        let targets: Result<Vec<String>, Failure> =
            locks.into_iter().map(|mut lock| items::take_text(&mut lock, TARGET)).collect();
        let mut profiles = HashMap::with_capacity(users.len());
        for item in self.batch_get("profiles", targets?.into_iter(), None).await? {
            let profile = items::profile(item)?;
            profiles.insert(profile.user_id.clone(), profile);
        }
        Ok(users
            .into_iter()
            .map(|user| {
                let profile = profiles.remove(&user.id);
                (user, profile)
            })
            .collect())
    }

    /// Users, each with the sessions, in no particular order of these.
    pub async fn users_with_sessions(&self, ids: &[String]) -> Result<Vec<(User, Vec<Session>)>, Failure> {
        let users = self.users(ids).await?;
        stream::iter(users)
            .map(|user| async move {
                let sessions = self.sessions(&user.id).await?;
                Ok((user, sessions))
            })
            .buffered(READS_AT_ONCE)
            .try_collect()
            .await
    }

    async fn sessions(&self, user: &str) -> Result<Vec<Session>, Failure> {
        let mut sessions = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let request = self
                .client
                .query()
                .table_name("sessions")
                .index_name("user_id-expires_at-index")
                .key_condition_expression("#user = :user")
                .expression_attribute_names("#user", "user_id")
                .expression_attribute_values(":user", text(user))
                .set_exclusive_start_key(start);
            let output = request.send().await?;
            for item in output.items.unwrap_or_default() {
                sessions.push(items::session(item)?);
            }
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(sessions);
            }
        }
    }

    /// Users, each with the organizations.
    pub async fn users_with_organizations(&self, ids: &[String]) -> Result<Vec<(User, Vec<Organization>)>, Failure> {
        let users = self.users(ids).await?;
        let queries: Vec<_> = users.iter().map(|user| self.organizations_of(&user.id)).collect();
        let memberships: Vec<Vec<String>> = stream::iter(queries).buffered(READS_AT_ONCE).try_collect().await?;
        let mut wanted: HashMap<&str, usize> = HashMap::new();
        for id in memberships.iter().flatten() {
            *wanted.entry(id).or_default() += 1;
        }
        let mut organizations = HashMap::with_capacity(wanted.len());
        for item in self.batch_get("organizations", wanted.keys().map(|id| record_key(id)), None).await? {
            let organization = items::organization(item)?;
            organizations.insert(organization.id.clone(), organization);
        }
        let found: Vec<Vec<Organization>> = memberships
            .iter()
            .map(|ids| {
                let organization = |id: &String| {
                    let left = wanted.get_mut(id.as_str())?;
                    *left -= 1;
                    if *left == 0 { organizations.remove(id) } else { organizations.get(id).cloned() }
                };
                ids.iter().filter_map(organization).collect()
            })
            .collect();
        Ok(users.into_iter().zip(found).collect())
    }

    async fn organizations_of(&self, user: &str) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let request = self
                .client
                .query()
                .table_name("members")
                .index_name("user_id-index")
                .key_condition_expression("#user = :user")
                .projection_expression("#organization")
                .expression_attribute_names("#user", "user_id")
                .expression_attribute_names("#organization", "organization_id")
                .expression_attribute_values(":user", text(user))
                .set_exclusive_start_key(start);
            let output = request.send().await?;
            for mut item in output.items.unwrap_or_default() {
                ids.push(items::take_text(&mut item, "organization_id")?);
            }
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(ids);
            }
        }
    }
}
