//! The create builder: `User::create().email(..)`, which knows in its type what it has been given.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::super::checked::{Field, Model, Role};
use crate::case;

/// A field that has to be given: its type parameter, and the trait that demands it.
struct Required<'m> {
    field: &'m Field,
    parameter: Ident,
    needs: Ident,
}

fn required(model: &Model) -> Vec<Required<'_>> {
    let mut required: Vec<Required<'_>> = Vec::new();
    for field in &model.fields {
        let is_required = field.default.is_none() && !field.optional;
        if !is_required && field.role != Role::Id {
            continue;
        }
        let plain = field.ident.unraw().to_string();
        let mut name = case::pascal(&plain);
        if plain.starts_with('_') {
            // What comes next may be a digit, with which no identifier begins, or nothing.
            name.insert(0, '_');
        }
        while required.iter().any(|other| other.parameter == format!("{name}Given")) {
            name.push('_');
        }
        required.push(Required {
            field,
            parameter: model.fresh(&format!("{name}Given")),
            needs: model.fresh(&format!("{}Needs{name}", model.ident.unraw())),
        });
    }
    required
}

/// `create()`.
pub(super) fn start(model: &Model) -> TokenStream {
    let Model { krate, vis, builder, .. } = model;
    let states = required(model).into_iter().map(|Required { field, .. }| match &field.default {
        Some(_) => quote!(#krate::__private::Given),
        None if field.is_generated() => {
            let ty = &field.ty;
            quote!(#krate::__private::Omitted<#ty>)
        }
        None => quote!(#krate::__private::Missing),
    });
    let doc = format!("Starts a new `{}`.", model.ident.unraw());
    quote! {
        #[doc = #doc]
        #vis fn create() -> #builder<#(#states),*> {
            #builder(#krate::__private::Builder::new())
        }
    }
}

/// The builder.
pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { krate, vis, ident, builder, allow_deprecated, .. } = model;
    let lints = super::lints();
    let required = required(model);
    let parameters: Vec<&Ident> = required.iter().map(|required| &required.parameter).collect();
    let needs: Vec<&Ident> = required.iter().map(|required| &required.needs).collect();
    let traits = required.iter().map(|required| needs_trait(model, required));
    let setters = model.fields.iter().map(|field| setter(model, &required, field));
    let doc = format!("A new `{0}`, made by [`{0}::create`].", ident.unraw());
    let (input, checked) = (model.fresh("Given"), model.fresh("Chosen"));
    quote! {
        #[doc = #doc]
        #[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
        #[allow(dead_code, non_camel_case_types, private_interfaces)]
        #allow_deprecated
        #vis struct #builder<#(#parameters),*>(#krate::__private::Builder<#ident, (#(#parameters,)*)>);

        #(#traits)*

        #lints
        #allow_deprecated
        impl<#(#parameters),*> #builder<#(#parameters),*> {
            #(#setters)*

            /// Returns this selection of the new record instead of all fields.
            #vis fn select<#input: #krate::Selection<#ident, Checked = #checked>, #checked>(
                self,
                selection: #input,
            ) -> #krate::query::Create<#ident, #checked>
            where
                #(#parameters: #needs),*
            {
                self.0.select(selection)
            }

            /// Returns a struct with `#[derive(Select)]` instead of the whole record.
            #vis fn select_as<#input: #krate::Select<#ident>>(
                self,
            ) -> #krate::query::Create<#ident, #krate::As<#input, #input::Itself>>
            where
                #(#parameters: #needs),*
            {
                self.0.select_as::<#input>()
            }

            /// Stores and returns the record; `UniqueConstraintViolation` if its id or a unique value is taken.
            #vis fn exec(self, orm: &#krate::Orm) -> #krate::driver::BoxFuture<'_, #ident>
            where
                #(#parameters: #needs),*
            {
                self.0.exec(orm)
            }

            /// Stores the record, and says what that cost.
            #vis fn exec_with_cost(
                self,
                orm: &#krate::Orm,
            ) -> #krate::driver::BoxFuture<'_, (#ident, #krate::Cost)>
            where
                #(#parameters: #needs),*
            {
                self.0.exec_with_cost(orm)
            }
        }

        #[automatically_derived]
        #allow_deprecated
        impl<#(#parameters: #needs),*> #krate::query::IntoCreate<#ident> for #builder<#(#parameters),*> {
            fn into_create(self) -> #krate::query::Create<#ident> {
                self.0.finish()
            }
        }

        #[automatically_derived]
        impl<#(#parameters),*> ::core::clone::Clone for #builder<#(#parameters),*> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        #[automatically_derived]
        impl<#(#parameters),*> ::core::fmt::Debug for #builder<#(#parameters),*> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.0, f)
            }
        }
    }
}

fn needs_trait(model: &Model, required: &Required<'_>) -> TokenStream {
    let Model { krate, vis, ident, .. } = model;
    let Required { field, needs, .. } = required;
    let setter = setter_name(model, field);
    let message = format!("`{}::create()` needs `{}` before it can run", ident.unraw(), field.ident.unraw());
    let label = format!("add `.{setter}(..)`");
    let message =
        model.diagnostics.then(|| quote!(#[diagnostic::on_unimplemented(message = #message, label = #label)]));
    let only = model.diagnostics.then(|| quote!(#[diagnostic::do_not_recommend]));
    let column = model.fresh("Column");
    let omitted = field.is_generated().then(|| {
        quote! {
            #only
            impl<#column: #krate::__private::UuidByDefault> #needs for #krate::__private::Omitted<#column> {}
        }
    });
    quote! {
        #[doc(hidden)]
        #[allow(unreachable_pub)]
        #message
        #vis trait #needs {}
        #only
        impl #needs for #krate::__private::Given {}
        #omitted
    }
}

/// The name of the setter: that of the field, unless the builder has a method of that name.
fn setter_name(model: &Model, field: &Field) -> Ident {
    let located = proc_macro2::Span::call_site().located_at(field.ident.span());
    let mut name = field.ident.clone();
    if name == "gen" {
        // A keyword where this is written, but not in the editions before.
        return Ident::new_raw("gen", located);
    }
    name.set_span(located);
    if ["exec", "exec_with_cost", "select", "select_as"].iter().any(|method| name == method) {
        let mut name = format_ident!("set_{}", field.ident, span = located);
        while model.fields.iter().any(|other| other.ident == name) {
            name = format_ident!("{name}_", span = located);
        }
        name
    } else {
        name
    }
}

fn setter(model: &Model, required: &[Required<'_>], field: &Field) -> TokenStream {
    let Model { krate, vis, builder, .. } = model;
    let Field { ty, .. } = field;
    let place = super::place(field.place);
    let give = model.call(field, "give", quote!(self.0, #place, value));
    let setter = setter_name(model, field);
    let doc = format!("Sets `{}`.", field.ident.unraw());
    let own = required.iter().find(|required| required.field.place == field.place);
    let id_state = own.filter(|_| field.is_generated()).map(|own| &own.parameter);
    let bound = id_state.map(|state| quote!(where #state: #krate::__private::IdState));
    let given = match id_state {
        Some(state) => quote!(#state::Given),
        None => quote!(#krate::__private::Given),
    };
    let result = match own {
        Some(own) => {
            let is_own = |parameter: &Ident| *parameter == own.parameter;
            let states = required.iter().map(
                |Required { parameter, .. }| {
                    if is_own(parameter) { given.clone() } else { quote!(#parameter) }
                },
            );
            quote!(#builder<#(#states),*>)
        }
        None => quote!(Self),
    };
    quote! {
        #[doc = #doc]
        #vis fn #setter(self, value: impl #krate::Input<#ty>) -> #result
        #bound
        {
            #builder(#give)
        }
    }
}
