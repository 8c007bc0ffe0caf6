//! Names: the rules of `rename_all`, and the names that the derives make up.

/// How `rename_all` writes names. The results are those of serde's attribute of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Rule {
    /// Each rule by the name it has in the attribute.
    pub(crate) const ALL: [(&'static str, Self); 8] = [
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
        ("PascalCase", Self::Pascal),
        ("camelCase", Self::Camel),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
        ("SCREAMING-KEBAB-CASE", Self::ScreamingKebab),
    ];

    /// The name of a field, which is written in snake_case.
    pub(crate) fn field(self, field: &str) -> String {
        match self {
            Self::Lower | Self::Snake => field.to_owned(),
            Self::Upper | Self::ScreamingSnake => field.to_ascii_uppercase(),
            Self::Pascal => upper_words(field),
            Self::Camel => lower_first(&upper_words(field)),
            Self::Kebab => field.replace('_', "-"),
            Self::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// The name of a variant, which is written in PascalCase.
    pub(crate) fn variant(self, variant: &str) -> String {
        match self {
            Self::Pascal => variant.to_owned(),
            Self::Lower => variant.to_ascii_lowercase(),
            Self::Upper => variant.to_ascii_uppercase(),
            Self::Camel => lower_first(variant),
            Self::Snake => underscored(variant),
            Self::ScreamingSnake => underscored(variant).to_ascii_uppercase(),
            Self::Kebab => underscored(variant).replace('_', "-"),
            Self::ScreamingKebab => underscored(variant).to_ascii_uppercase().replace('_', "-"),
        }
    }
}

/// As serde does, which leaves all but ASCII as it is.
fn upper_words(field: &str) -> String {
    let upper_first = |word: &str| {
        let mut rest = word.chars();
        rest.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(rest).collect::<String>()
    };
    field.split('_').map(upper_first).collect()
}

fn lower_first(name: &str) -> String {
    let mut rest = name.chars();
    rest.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(rest).collect()
}

fn underscored(variant: &str) -> String {
    let mut name = String::new();
    for (place, letter) in variant.chars().enumerate() {
        if place > 0 && letter.is_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// `user_id` as `UserId`.
pub(crate) fn pascal(field: &str) -> String {
    let mut name = String::new();
    let mut capital = true;
    for letter in field.chars() {
        match letter {
            '_' => capital = true,
            letter if capital => {
                name.extend(letter.to_uppercase());
                capital = false;
            }
            letter => name.push(letter),
        }
    }
    name
}

/// `HttpServer` and `HTTPServer` as `http_server`: the name of a model.
pub(crate) fn snake(name: &str) -> String {
    words(name).to_lowercase()
}

/// `user_id` and `userId` as `USER_ID`: the name of a constant.
pub(crate) fn constant(name: &str) -> String {
    words(name).to_uppercase()
}

/// The name with an underscore wherever a new word begins.
fn words(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut words = String::new();
    let mut before = None;
    for (place, letter) in letters.iter().enumerate() {
        let next_is_lower = letters.get(place + 1).is_some_and(|next| next.is_lowercase());
        let begins = match before {
            Some('_') | None => false,
            Some(before) if char::is_uppercase(before) => next_is_lower,
            Some(_) => true,
        };
        if letter.is_uppercase() && begins {
            words.push('_');
        }
        words.push(*letter);
        before = Some(*letter);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(field: &str) -> [String; 8] {
        Rule::ALL.map(|(_, rule)| rule.field(field))
    }

    fn variants(variant: &str) -> [String; 8] {
        Rule::ALL.map(|(_, rule)| rule.variant(variant))
    }

    #[test]
    fn names_of_fields() {
        assert_eq!(
            fields("user_id"),
            ["user_id", "USER_ID", "UserId", "userId", "user_id", "USER_ID", "user-id", "USER-ID"]
        );
        assert_eq!(fields("a"), ["a", "A", "A", "a", "a", "A", "a", "A"]);
        assert_eq!(fields("z42"), ["z42", "Z42", "Z42", "z42", "z42", "Z42", "z42", "Z42"]);
        assert_eq!(Rule::Camel.field("line_2_text"), "line2Text");
        assert_eq!(Rule::Camel.field("über_id"), "überId");
        assert_eq!(Rule::Pascal.field("über_id"), "überId");
    }

    #[test]
    fn names_of_variants() {
        assert_eq!(
            variants("VeryTasty"),
            [
                "verytasty",
                "VERYTASTY",
                "VeryTasty",
                "veryTasty",
                "very_tasty",
                "VERY_TASTY",
                "very-tasty",
                "VERY-TASTY"
            ]
        );
        assert_eq!(variants("A"), ["a", "A", "A", "a", "a", "A", "a", "A"]);
        assert_eq!(Rule::Snake.variant("Z42"), "z42");
    }

    #[test]
    fn names_of_models() {
        assert_eq!(snake("User"), "user");
        assert_eq!(snake("UserAccount"), "user_account");
        assert_eq!(snake("HTTPServer"), "http_server");
        assert_eq!(snake("OAuth2Token"), "o_auth2_token");
        assert_eq!(snake("user_account"), "user_account");
    }

    #[test]
    fn names_of_constants() {
        assert_eq!(constant("user_id"), "USER_ID");
        assert_eq!(constant("userId"), "USER_ID");
        assert_eq!(constant("type"), "TYPE");
        assert_eq!(constant("_id"), "_ID");
        assert_eq!(constant("größe"), "GRÖSSE");
    }
}
