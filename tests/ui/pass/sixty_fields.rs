//! A model of sixty fields, thirty-nine of them required.

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "wide")]
#[allow(dead_code)]
struct Wide {
    #[orm(id)]
    id: String,
    f1: Option<String>,
    f2: i64,
    f3: bool,
    f4: u32,
    f5: Option<i64>,
    f6: String,
    f7: Option<String>,
    f8: i64,
    f9: bool,
    f10: u32,
    f11: Option<i64>,
    f12: String,
    f13: Option<String>,
    f14: i64,
    f15: bool,
    f16: u32,
    f17: Option<i64>,
    f18: String,
    f19: Option<String>,
    f20: i64,
    f21: bool,
    f22: u32,
    f23: Option<i64>,
    f24: String,
    f25: Option<String>,
    f26: i64,
    f27: bool,
    f28: u32,
    f29: Option<i64>,
    f30: String,
    f31: Option<String>,
    f32: i64,
    f33: bool,
    f34: u32,
    f35: Option<i64>,
    f36: String,
    f37: Option<String>,
    f38: i64,
    f39: bool,
    f40: u32,
    f41: Option<i64>,
    f42: String,
    f43: Option<String>,
    f44: i64,
    f45: bool,
    f46: u32,
    f47: Option<i64>,
    f48: String,
    f49: Option<String>,
    f50: i64,
    f51: bool,
    f52: u32,
    f53: Option<i64>,
    f54: String,
    f55: Option<String>,
    f56: i64,
    f57: bool,
    f58: u32,
    f59: Option<i64>,
}

fn main() {
    let create = Wide::create();
    let create = create.f2(1).f3(true).f4(2).f6("a").f8(1).f9(true).f10(2).f12("a");
    let create = create.f14(1).f15(true).f16(2).f18("a").f20(1).f21(true).f22(2).f24("a");
    let create = create.f26(1).f27(true).f28(2).f30("a").f32(1).f33(true).f34(2).f36("a");
    let create = create.f38(1).f39(true).f40(2).f42("a").f44(1).f45(true).f46(2).f48("a");
    let create = create.f50(1).f51(true).f52(2).f54("a").f56(1).f57(true).f58(2);
    drop(create.select((Wide::ID, Wide::F59)));
    assert_eq!(Wide::schema().fields().len(), 60);
}
