//! Names that begin with an underscore, after which there is a digit or nothing.

#![deny(warnings)]

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "users")]
#[orm(unique(_2fa_secret, __3rd), index(_2fa_secret))]
#[orm(has_many(_2fa_devices: _2faDevice, foreign_key = _1st))]
struct User {
    #[orm(id)]
    _1d: String,
    #[orm(column = "2fa_secret")]
    _2fa_secret: String,
    __3rd: i64,
    __: String,
    _name: String,
    name: String,
    #[orm(default = _3Tier::_0)]
    _4th: _3Tier,
}

#[derive(Model)]
#[orm(table = "devices")]
#[orm(belongs_to(_1st_user: User, foreign_key = _1st))]
struct _2faDevice {
    #[orm(id)]
    id: String,
    _1st: String,
}

#[derive(Enumeration, Clone, Copy)]
#[orm(rename_all = "snake_case")]
enum _3Tier {
    _0,
    _1,
}

#[derive(Select)]
#[orm(model = User)]
struct _2Secrets {
    _2fa_secret: String,
    #[orm(rename = __3rd)]
    _3: i64,
    _2fa_devices: Vec<_2faDevice>,
}

fn main() {
    let create = User::create()._2fa_secret("x").__3rd(3).__("a")._name("b").name("c")._4th(_3Tier::_1)._1d("u1");
    drop(create.select((User::_2FA_SECRET, User::__3RD, User::__, User::_NAME, User::_4TH)));
    drop(User::find_unique(User::_2FA_SECRET___3RD.eq("x", 3)).select_as::<_2Secrets>());
    assert_eq!(User::schema().field(1).column(), "2fa_secret");
    let _ = |user: User| (user._2fa_devices(), user._1d, user._2fa_secret, user.__3rd, user._name, user.name, user.__);
    let _ = |device: _2faDevice| (device._1st_user(), device.id, device._1st);
    let _ = |secrets: _2Secrets| (secrets._2fa_secret, secrets._3, secrets._2fa_devices);
    let _ = |user: User| user._4th;
    drop(_2faDevice::create()._1st("u1"));
}
