//! The cases, by topic, each a function over an engine; [`cases`] lists them all, and [`trials`] makes tests of them.

use std::fmt::Debug;
use std::pin::Pin;

use orm::{Error, ErrorCode};

use crate::engine::Engine;

pub mod accessors;
pub mod answers;
pub mod boundaries;
pub mod bytes;
pub mod comparisons;
pub mod conditional;
pub mod create_many;
pub mod creates;
pub mod deletes;
pub mod documents;
pub mod errors;
pub mod filters;
pub mod increments;
pub mod indexes;
pub mod nested;
pub mod own_types;
pub mod paging;
pub mod parts;
pub mod races;
pub mod reads;
pub mod relations;
pub mod round_trips;
mod trials;
pub mod uniques;
pub mod update_many;
pub mod update_uniques;
pub mod updates;
pub mod upserts;

pub use self::trials::{Results, trials};

/// What a case answers: an error fails it.
pub type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// The error of what has to fail, which has this code and is about these fields of this model.
#[track_caller]
pub(crate) fn assert_refused<T: Debug>(
    result: Result<T, Error>,
    code: ErrorCode,
    model: &str,
    fields: &[&str],
) -> Error {
    let error = match result {
        Ok(value) => panic!("expected {code:?}, got {value:?}"),
        Err(error) => error,
    };
    assert_eq!((error.code(), error.model(), error.fields()), (code, Some(model), fields), "{error}");
    error
}

/// The error of a write that has to fail because another record has the values of these fields.
#[track_caller]
pub(crate) fn assert_taken<T: Debug>(result: Result<T, Error>, model: &str, fields: &[&str]) -> Error {
    assert_refused(result, ErrorCode::UniqueConstraintViolation, model, fields)
}

/// One case of the suite, on engines of the type `E`.
pub struct Case<E> {
    /// The file that it is in.
    pub topic: &'static str,
    /// The function.
    pub name: &'static str,
    run: fn(&E) -> Running<'_>,
}

type Running<'e> = Pin<Box<dyn Future<Output = Outcome> + Send + 'e>>;

impl<E: Engine> Case<E> {
    /// Runs it on this engine.
    ///
    /// # Errors
    /// When it fails; it may panic as well.
    pub async fn run(&self, engine: &E) -> Outcome {
        (self.run)(engine).await
    }
}

macro_rules! cases {
    ($($topic:ident: $($case:ident),+ $(,)?;)*) => {
        vec![$($(Case {
            topic: stringify!($topic),
            name: stringify!($case),
            run: |engine| Box::pin($topic::$case(engine)),
        }),+),*]
    };
}

/// All cases, in the order of the report.
pub fn cases<E: Engine>() -> Vec<Case<E>> {
    cases! {
        reads:
            finds_by_each_unique_key,
            a_key_and_a_filter,
            by_the_id_of_any_model;
        relations:
            loads_each_kind_of_relation,
            has_one_is_none_without_a_record,
            has_one_takes_a_filter,
            has_many_takes_filter_order_skip_and_take,
            skip_and_take_apply_to_each_parent_by_itself,
            many_to_many_works_in_both_directions,
            many_to_many_takes_filter_order_skip_and_take,
            relations_without_records_are_empty,
            a_dangling_foreign_key_leads_nowhere,
            belongs_to_takes_a_filter_and_a_selection,
            many_children_share_one_parent,
            two_relations_side_by_side,
            the_same_relation_twice_in_one_selection,
            all_fields_beside_a_relation,
            keys_with_an_encoding_of_their_own;
        nested:
            four_levels_down,
            four_levels_up,
            there_and_back_again,
            a_model_related_to_itself,
            a_record_related_to_itself,
            many_to_many_between_uuids_and_integers,
            more_parents_than_one_batch,
            relations_of_what_a_write_answers;
        accessors:
            has_one,
            has_many,
            belongs_to,
            many_to_many,
            a_null_foreign_key_leads_nowhere,
            relations_of_related_records;
        filters:
            and_or_not,
            all_and_any_nest,
            empty_all_holds_and_empty_any_does_not,
            more_levels_than_there_can_be,
            membership,
            the_empty_text,
            membership_of_250_values,
            keys_and_other_conditions,
            several_filters_all_hold;
        indexes:
            on_an_index_and_its_range,
            on_an_index_with_a_number_and_reserved_words,
            on_a_foreign_key,
            on_an_index_whose_fields_may_be_null,
            on_an_index_of_numbers_datetimes_and_uuids,
            a_condition_larger_than_an_expression,
            values_too_long_for_an_index_are_found_nowhere;
        bytes:
            on_an_index_of_bytes,
            ids_and_foreign_keys_of_bytes;
        comparisons:
            equality_of_every_kind,
            order_of_every_kind,
            nulls_of_every_kind,
            order_of_every_kind_with_nulls,
            fields_with_one_another,
            parts_of_texts,
            texts_are_ordered_by_bytes;
        paging:
            by_one_field_and_by_several,
            skip_and_take,
            with_a_filter_counts_what_it_holds_for,
            find_first_is_the_first,
            nulls_come_first,
            on_an_index_in_both_directions,
            more_than_one_page_of_the_store,
            empty_tables,
            counts_by_every_way_to_find;
        creates:
            fills_in_defaults,
            keeps_what_is_given_instead_of_defaults,
            makes_up_different_ids,
            answers_a_selection,
            inserts_a_whole_value,
            a_query_is_a_value,
            refuses_taken_values,
            an_integer_id_is_taken_once,
            reserved_words_custom_types_and_odd_columns;
        create_many:
            of_none_and_one,
            answers_in_the_order_given,
            more_than_one_transaction_with_uniques,
            without_uniques_and_with_generated_ids,
            without_uniques_and_with_given_ids,
            finds_duplicates_among_the_new_first,
            finds_existing_records,
            each_record_is_stored_as_a_whole,
            null_uniques_are_no_duplicates,
            values_that_cannot_be_stored_are_found_first,
            whole_values,
            some_with_ids_and_some_without;
        updates:
            by_each_kind_of_key,
            what_cannot_be_stored_is_refused_though_nothing_is_found,
            an_id_is_generated_only_where_its_type_has_it,
            of_a_missing_record_is_none,
            to_null_and_back,
            the_last_of_several_sets_counts,
            without_changes_is_a_read,
            answers_a_selection_with_relations,
            one_field_is_changed_in_one_way,
            a_key_that_is_null_is_refused;
        increments:
            add_up,
            of_null_start_at_zero,
            stay_in_the_range_of_their_type,
            of_decimals_are_exact_or_refused,
            of_types_of_their_own_stay_within_them;
        update_uniques:
            moves_the_value,
            through_the_key_that_changes,
            to_a_taken_value_changes_nothing,
            one_of_two_taken_names_that_one,
            to_its_own_value_is_fine,
            one_part_of_a_compound_key,
            two_records_swap_values_through_a_third,
            null_to_value_to_null,
            a_compound_key_becomes_null_and_back,
            increments_of_a_unique_number;
        parts:
            pages_are_full_until_the_last,
            pages_in_an_order,
            pages_on_an_index,
            ties_on_an_index_are_in_order,
            pages_of_texts_with_a_prefix,
            pages_by_keys,
            pages_of_keys_have_nulls_too,
            pages_of_selections_with_relations,
            pages_while_records_come_and_go,
            a_cursor_is_text_that_belongs_to_its_query,
            pages_have_a_size_and_nothing_beside_it,
            streams_give_each_record_once,
            streams_in_the_order_of_an_index,
            streams_with_relations,
            streams_end_after_an_error,
            parallel_reads_and_writes_are_the_same,
            consistent_reads_of_keys_and_tables;
        update_many:
            changes_what_the_filter_holds_for,
            of_one_record_if_it_is_as_it_was_read,
            without_a_filter_changes_all,
            increments_each,
            to_null,
            needs_changes,
            gives_a_unique_value_to_one_at_most,
            moves_many_unique_values,
            out_of_range_says_how_far_it_got,
            unique_values_that_move_up_stay_unique;
        upserts:
            stores_or_changes,
            by_id_and_by_compound_key,
            by_an_integer_id,
            without_changes_keeps_what_there_is,
            the_new_record_agrees_with_the_key,
            the_update_leaves_the_key_alone,
            another_unique_field_is_taken,
            moves_other_unique_values,
            answers_a_selection;
        deletes:
            by_each_kind_of_key,
            of_records_without_unique_fields,
            of_one_record_if_it_is_as_it_was_read,
            frees_all_unique_values,
            of_a_record_that_took_over_a_value,
            many_by_filter,
            all_of_many,
            consume_answers_the_record_once,
            of_the_key_alone;
        conditional:
            a_record_is_changed_if_the_filter_holds,
            a_record_is_deleted_if_the_filter_holds,
            records_with_unique_values,
            of_several_one_gets_it,
            the_answer_may_have_relations,
            documents_and_nulls;
        races:
            one_consume_wins,
            one_consume_wins_without_unique_fields,
            one_create_of_a_value_wins,
            one_update_to_a_value_wins,
            increments_add_up,
            upserts_leave_one_record,
            upserts_count,
            a_value_goes_round,
            delete_many_leaves_what_no_longer_matches,
            update_many_leaves_what_no_longer_matches,
            consume_answers_the_record_as_it_was_last;
        uniques:
            many_nulls_coexist,
            a_zero_has_no_sign,
            a_compound_key_with_a_null_part_does_not_bind,
            keys_of_every_kind,
            a_compound_key_of_three_kinds,
            awkward_unique_values,
            awkward_ids,
            compound_values_do_not_run_into_each_other,
            a_record_is_not_mistaken_for_a_lock,
            models_with_like_names_do_not_disturb_each_other,
            case_matters,
            two_unique_fields_with_one_value,
            custom_types_are_unique_by_what_is_stored;
        round_trips:
            every_kind,
            extremes,
            every_null,
            datetimes_are_cut_to_milliseconds,
            decimals_are_normalised,
            too_many_digits_are_refused,
            years_without_four_digits_are_refused;
        own_types:
            equal_values_are_one_key,
            values_that_are_not_of_their_kind_are_refused,
            an_id_is_never_null;
        documents:
            come_back_as_they_went,
            numbers_without_a_fraction_are_whole,
            numbers_keep_their_digits,
            null_is_the_absence_of_a_document,
            equality_is_deep,
            typed_documents,
            in_the_filters_of_writes,
            numbers_that_cannot_be_stored_are_refused,
            shapes_that_cannot_be_stored_are_refused;
        errors:
            missing_tables_of_reads,
            missing_tables_of_writes,
            missing_tables_of_models_without_uniques,
            pushing_the_schema_makes_the_tables,
            models_that_are_not_in_the_schema,
            models_that_cannot_be_held,
            two_models_with_one_name_or_table,
            a_violation_says_all_there_is,
            values_that_their_type_refuses,
            operators_that_do_not_fit_a_custom_encoding;
        answers:
            a_relation_outside_the_schema_is_found_before_the_write,
            an_answer_that_cannot_be_read_says_that_the_write_was_made,
            what_only_read_is_no_write_when_its_answer_cannot_be_read,
            what_could_not_be_read_again_is_not_stored,
            of_many_that_are_one;
        boundaries:
            a_transaction_answers_its_value,
            a_transaction_answers_its_error,
            clones_share_their_data,
            one_query_runs_on_two_stores,
            capabilities_are_those_of_a_document_store;
    }
}
